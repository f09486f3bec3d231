"""Features: from samples to what an encoder looks at, in NumPy."""

from heterophony.features.mel_filters import hz_to_mel, mel_filters, mel_to_hz
from heterophony.features.yamnet_patches import yamnet_log_mel

__all__ = ["hz_to_mel", "mel_filters", "mel_to_hz", "yamnet_log_mel"]
