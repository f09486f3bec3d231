"""Members that resemble each other as real ones do: noise around one truth."""

from collections.abc import Callable

import numpy as np
import pytest

from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy

TREE = Taxonomy("small", ("a", "b", "c", "d"), ("x", "y"), (0, 0, 1, 1))


@pytest.fixture
def tree() -> Taxonomy:
    return TREE


@pytest.fixture
def member() -> Callable[..., Predictions]:
    """Makes a table of 90 rows in three folds; less `noise` is a better member, more `scale` a surer one."""

    def make(seed: int, noise: float = 1.5, scale: float = 1.0, rows: int = 90) -> Predictions:
        target = np.random.default_rng(0).integers(4, size=rows)
        logits = scale * (2 * np.eye(4)[target] + noise * np.random.default_rng([1, seed]).normal(size=(rows, 4)))
        ids = tuple(f"s{row}" for row in range(rows))
        return Predictions(ids, logits.astype(np.float32), target, np.arange(rows) % 3, TREE.classes)

    return make
