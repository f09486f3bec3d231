"""Fusions: `(features, present) -> (fused, weights)`, features by modality name, presence as a mask."""

from heterophony.fusion.attention import AttentionFusion, refuse_samples_without_modality

FUSIONS = {
    "attention": AttentionFusion,
}

__all__ = ["FUSIONS", "AttentionFusion", "refuse_samples_without_modality"]
