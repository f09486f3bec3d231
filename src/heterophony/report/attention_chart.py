"""How much each modality was heard: the distribution of its attention over the clips, overall and per top level."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from heterophony.predictions import Predictions
from heterophony.predictions.evidence import Evidence
from heterophony.report.run_record import NotShown, RunRecord
from heterophony.report.sunburst import FAMILIES

TITLE = "Attention"


@dataclass(frozen=True)
class Spread:
    """The attention that one modality got from some clips: mean and quantiles, 0..1."""

    mean: float
    low: float
    quarter: float
    middle: float
    three_quarters: float
    high: float


@dataclass(frozen=True)
class AttentionRow:
    """All clips, or those of one top: its name, colour (-1: none), clips, and one spread per modality."""

    name: str
    family: int
    clips: int
    spreads: list[Spread]


@dataclass(frozen=True)
class AttentionChart:
    """The table of spreads.

    Attributes:
        modalities: Its columns.
        rows: All clips, then each top.
        left_out: Clips that have a single modality, which gets all attention there.
    """

    modalities: tuple[str, ...]
    rows: list[AttentionRow]
    left_out: int


def attention_chart(record: RunRecord) -> AttentionChart | NotShown:
    """The attention of the test clips that have two modalities or more."""
    if not record.evidence:
        return NotShown(TITLE, "this run left no evidence_test.npz: it is of a sweep, an ensemble or an older version")
    modalities = next(iter(record.evidence.values())).modalities
    if len(modalities) < 2:
        return NotShown(TITLE, f"there is one modality only ({', '.join(modalities)}), which gets all of it")
    weights, targets, left_out = _heard(record.evidence, record.main)
    if not len(weights):
        return NotShown(TITLE, "no test clip has two modalities")
    tree = record.taxonomy
    rows = [_row("All", -1, weights)]
    top_of = np.array([*tree.top_of, -1])[targets]
    if tree.levels == 2:
        rows += [
            _row(tree.names.get(key, key), top % FAMILIES, weights[top_of == top])
            for top, key in enumerate(tree.tops)
            if (top_of == top).any()
        ]
    return AttentionChart(modalities, rows, left_out)


def _heard(
    evidence: Mapping[int, Evidence], main: Predictions
) -> tuple[Float32[np.ndarray, "clips modalities"], np.ndarray, int]:
    """The attention and targets (-1: unknown) of clips with two modalities or more, and how many have one."""
    target = dict(zip(main.ids, main.target.tolist(), strict=True))
    several = {fold: one.present.sum(axis=1) > 1 for fold, one in evidence.items()}
    weights = np.concatenate([one.attention[several[fold]] for fold, one in evidence.items()])
    ids = [key for fold, one in evidence.items() for key, kept in zip(one.ids, several[fold], strict=True) if kept]
    total = sum(len(one.ids) for one in evidence.values())
    return weights, np.array([target.get(key, -1) for key in ids], dtype=np.int64), total - len(ids)


def _row(name: str, family: int, weights: Float32[np.ndarray, "clips modalities"]) -> AttentionRow:
    parts = np.quantile(weights, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    means = weights.mean(axis=0)
    spreads = [Spread(float(mean), *(float(x) for x in part)) for mean, part in zip(means, parts.T, strict=True)]
    return AttentionRow(name, family, len(weights), spreads)
