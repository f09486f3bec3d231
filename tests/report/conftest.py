"""A run in memory whose numbers are known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from heterophony.predictions import Predictions
from heterophony.predictions.evidence import Evidence
from heterophony.report.run_record import RunRecord
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])


@pytest.fixture
def record() -> Callable[..., RunRecord]:
    """Makes a run of `count` rows in two folds; every fifth is wrong; fold 0 left evidence."""

    def make(count: int = 60, **changes: Any) -> RunRecord:
        target = np.arange(count) % 3
        said = np.where(np.arange(count) % 5 == 4, (target + 1) % 3, target)
        logits = (3 * np.eye(3)[said] + np.random.default_rng(0).normal(0, 0.3, (count, 3))).astype(np.float32)
        fold = np.arange(count) // (count // 2)
        ids = tuple(f"clip {row}" for row in range(count))
        main = Predictions(ids, logits, target, fold, TREE.classes)
        half = count // 2
        rng = np.random.default_rng(1)
        weight = np.linspace(0, 1, half, dtype=np.float32)
        evidence = Evidence(
            ids=ids[:half],
            modalities=("sound", "words"),
            present=np.ones((half, 2), np.bool_),
            attention=np.stack([weight, 1 - weight], axis=1),
            before=rng.normal(size=(half, 5)).astype(np.float16),
            latent=(8 * np.eye(3)[target[:half]] + rng.normal(0, 0.3, (half, 3))).astype(np.float16),
        )
        given = {"name": "run", "predictions": {"sound+words": main}, "taxonomy": TREE, "evidence": {0: evidence}}
        return RunRecord(**{**given, **changes})

    return make
