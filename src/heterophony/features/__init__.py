"""Features: from samples to what an encoder looks at, in NumPy."""

from heterophony.features.kaldi_fbank import kaldi_fbank
from heterophony.features.kaldi_mel_filters import kaldi_mel_filters
from heterophony.features.mel_filters import hz_to_mel, mel_filters, mel_to_hz
from heterophony.features.slaney_mel_filters import hz_to_slaney_mel, slaney_mel_filters, slaney_mel_to_hz
from heterophony.features.yamnet_patches import yamnet_log_mel

__all__ = [
    "hz_to_mel",
    "hz_to_slaney_mel",
    "kaldi_fbank",
    "kaldi_mel_filters",
    "mel_filters",
    "mel_to_hz",
    "slaney_mel_filters",
    "slaney_mel_to_hz",
    "yamnet_log_mel",
]
