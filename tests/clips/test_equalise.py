"""Filling up small classes from a pool: the published numbers, pandas as oracle, and what every draw must keep."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heterophony.clips import stratified_split
from heterophony.clips.equalise import equalise
from heterophony.errors import ConfigError

# BSD35k-CS without "-other", class by class (audio_text.md 1.1).
POOL = [
    *(964, 1344, 2044, 2321, 293, 34, 43, 1360, 980, 50, 69, 4534),
    *(1852, 1542, 1423, 730, 659, 839, 2000, 4831, 383, 2573, 596),
]


@pytest.fixture(scope="module")
def pool():
    """The classes of the pool, in a mixed order."""
    return np.random.default_rng(0).permutation(np.repeat(np.arange(23), POOL))


@pytest.mark.shared_data
@pytest.mark.parametrize(("goal", "sizes", "distinct"), [("max", (10_791, 10_813), 8_044), ("median", (813, 825), 743)])
def test_the_published_folds_get_the_published_number_of_draws(shared_data, pool, goal, sizes, distinct):
    with (shared_data / "bsd10k" / "labels_v1.2_in_dataset_order.csv").open(encoding="utf-8") as file:
        target = np.array([int(row["class_idx"]) for row in csv.DictReader(file)])
    split = stratified_split(target.tolist())
    drawn = [equalise(target[split.parts(fold)[0]], pool, goal) for fold in range(5)]
    assert (min(map(len, drawn)), max(map(len, drawn))) == sizes
    assert round(np.mean([len(np.unique(rows)) for rows in drawn])) == distinct


@pytest.mark.parametrize("goal", ["max", "median"])
def test_the_rows_are_those_that_pandas_samples(goal):
    pandas = pytest.importorskip("pandas")
    generator = np.random.default_rng(3)
    target, pool = generator.choice(6, 300, p=[0.4, 0.2, 0.2, 0.1, 0.07, 0.03]), generator.integers(0, 6, 250)
    counts = pandas.Series(target).value_counts()
    wanted = int(counts.max() if goal == "max" else counts.median())
    table = pandas.DataFrame({"label": pool})
    expected = []
    for label in sorted(counts.index):
        rows, short = table[table.label == label], wanted - counts[label]
        if short > 0:
            expected += rows.sample(n=short, replace=short > len(rows), random_state=42).index.tolist()
    assert equalise(target, pool, goal).tolist() == expected


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=60),
    st.lists(st.integers(0, 5), max_size=60),
    st.sampled_from(["median", "max"]),
    st.floats(0.3, 2.5),
    st.booleans(),
)
def test_every_class_is_filled_as_far_as_the_pool_reaches(target, pool, goal, factor, oversample):
    target, pool = np.array(target), np.array(pool, np.int64)
    rows = equalise(target, pool, goal, factor, oversample=oversample)
    sizes = [count for count in np.bincount(target) if count]
    wanted = int(int(max(sizes) if goal == "max" else np.median(sizes)) * factor)
    for label in range(6):
        have, there = int((target == label).sum()), int((pool == label).sum())
        short = max(wanted - have, 0) if have and there else 0
        drawn = rows[pool[rows] == label]
        assert len(drawn) == (short if oversample else min(short, there))
        assert len(np.unique(drawn)) == len(drawn) or (oversample and short > there)
    assert (np.diff(pool[rows]) >= 0).all()


def test_folds_share_draws_and_another_seed_draws_others(pool):
    few, more = np.repeat([0, 11], [5, 60]), np.repeat([0, 11], [5, 90])
    assert equalise(few, pool, "max").tolist() == equalise(more, pool, "max")[:55].tolist()
    assert equalise(few, pool, "max", seed=7).tolist() != equalise(few, pool, "max").tolist()


def test_nothing_is_drawn_for_no_clips_and_impossible_wishes_are_refused(pool):
    assert equalise(np.empty(0, np.int64), pool).tolist() == []
    with pytest.raises(ConfigError, match=r"factor 0.* wanted a number above 0"):
        equalise(np.array([1, 2]), pool, factor=0.0)
    with pytest.raises(ConfigError, match="no goal of the equalisation is called 'mean'; there are median, max"):
        equalise(np.array([1, 2]), pool, "mean")
