"""Weights of classes (in the loss, per label) and of samples (per row): NumPy, computed once before training."""

from heterophony.weighting.classes import WEIGHTINGS, class_weights
from heterophony.weighting.combine import sample_weights
from heterophony.weighting.confidence import CONFIDENCES, confidence_weights
from heterophony.weighting.sources import source_weights

__all__ = [
    "CONFIDENCES",
    "WEIGHTINGS",
    "class_weights",
    "confidence_weights",
    "sample_weights",
    "source_weights",
]
