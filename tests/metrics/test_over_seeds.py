import numpy as np
import pytest

from heterophony.errors import AlignmentError, InputError
from heterophony.metrics import SeedSummary, mean_and_spread, over_seeds


def test_folds_and_seeds_spread_apart() -> None:
    # Two seeds (rows) of three folds: folds differ by 3 whatever the seed, seeds by 1 whatever the fold.
    got = over_seeds([[1.0, 4.0, 7.0], [2.0, 5.0, 8.0]])
    assert (got.mean, got.over_folds, got.over_seeds) == pytest.approx((4.5, np.sqrt(6), 0.5))


def test_one_seed_is_the_mean_and_spread_of_its_folds() -> None:
    folds = [0.71, 0.78, 0.74]
    mean, spread = mean_and_spread([{"accuracy": value} for value in folds])["accuracy"]
    assert over_seeds([folds]) == SeedSummary(mean, spread, 0.0)


def test_missing_folds_are_not_passed_over() -> None:
    with pytest.raises(AlignmentError, match=r"seeds with \[2, 1\] folds; finish the runs"):
        over_seeds([[0.5, 0.6], [0.5]])
    for nothing in ([], [[]], [[], []]):
        with pytest.raises(InputError, match="no value to sum up"):
            over_seeds(nothing)
