"""Features: from samples to what an encoder looks at, in NumPy."""

from heterophony.features.clap_log_mel import clap_log_mel
from heterophony.features.convnext_log_mel import convnext_log_mel
from heterophony.features.efficientat_log_mel import efficientat_log_mel
from heterophony.features.gammatone import erb_centres, gammatone_map, gammatone_response
from heterophony.features.kaldi_fbank import kaldi_fbank
from heterophony.features.kaldi_mel_filters import kaldi_mel_filters
from heterophony.features.log_mel_deltas import deltas, log_mel_deltas
from heterophony.features.matpac_log_mel import matpac_log_mel
from heterophony.features.mel_energies import mel_energies
from heterophony.features.mel_filters import hz_to_mel, mel_filters, mel_to_hz
from heterophony.features.openl3_log_mel import openl3_log_mel
from heterophony.features.slaney_mel_filters import hz_to_slaney_mel, slaney_mel_filters, slaney_mel_to_hz
from heterophony.features.vggish_patches import vggish_log_mel
from heterophony.features.whisper_log_mel import whisper_log_mel
from heterophony.features.yamnet_patches import yamnet_log_mel

__all__ = [
    "clap_log_mel",
    "convnext_log_mel",
    "deltas",
    "efficientat_log_mel",
    "erb_centres",
    "gammatone_map",
    "gammatone_response",
    "hz_to_mel",
    "hz_to_slaney_mel",
    "kaldi_fbank",
    "kaldi_mel_filters",
    "log_mel_deltas",
    "matpac_log_mel",
    "mel_energies",
    "mel_filters",
    "mel_to_hz",
    "openl3_log_mel",
    "slaney_mel_filters",
    "slaney_mel_to_hz",
    "vggish_log_mel",
    "whisper_log_mel",
    "yamnet_log_mel",
]
