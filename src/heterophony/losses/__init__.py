"""Losses: `(output, target, weight) -> scalar`, with soft targets, so that mixing samples needs no special case."""

from heterophony.losses.cross_entropy import CrossEntropy
from heterophony.losses.hierarchical import Hierarchical
from heterophony.losses.loss import Loss

LOSSES: dict[str, type[Loss]] = {
    "cross-entropy": CrossEntropy,
    "hierarchical": Hierarchical,
}

__all__ = ["LOSSES", "CrossEntropy", "Hierarchical", "Loss"]
