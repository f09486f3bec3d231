"""Losses: `(output, target, weight) -> scalar`, with soft targets, so that mixing samples needs no special case."""

from heterophony.losses.contrastive import SupervisedContrastive
from heterophony.losses.cross_entropy import CrossEntropy
from heterophony.losses.hierarchical import Hierarchical
from heterophony.losses.loss import Loss
from heterophony.losses.total import Total

LOSSES: dict[str, type[Loss]] = {
    "contrastive": SupervisedContrastive,
    "cross-entropy": CrossEntropy,
    "hierarchical": Hierarchical,
    "total": Total,
}

__all__ = ["LOSSES", "CrossEntropy", "Hierarchical", "Loss", "SupervisedContrastive", "Total"]
