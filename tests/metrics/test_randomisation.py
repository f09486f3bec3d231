from dataclasses import replace
from itertools import product
from math import comb

import numpy as np
import pytest

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics import DRAWABLE, confusion_matrix, randomisation_test
from heterophony.predictions import Predictions
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])
FLAT = from_pairs("flat", ["a", "b"])


def table(target: np.ndarray, said: np.ndarray, fold: np.ndarray | None = None) -> Predictions:
    keys = TREE.classes if max(target.max(), said.max()) > 1 else FLAT.classes
    fold = np.zeros(len(said), np.int64) if fold is None else fold
    logits = np.eye(len(keys), dtype=np.float32)[said]
    return Predictions(tuple(f"s{row:05d}" for row in range(len(said))), logits, target, fold, keys)


def guesses(seed: int, rows: int = 60) -> Predictions:
    """Random answers over three folds."""
    rng = np.random.default_rng(seed)
    return table(np.arange(rows) % 3, rng.integers(3, size=rows), np.arange(rows) % 7 % 3)


def test_accuracy_gives_the_sign_test() -> None:
    # 20 rows on which the two differ, ours right in 15: a binomial, and McNemar's exact test.
    target, row = np.zeros(200, np.int64), np.arange(200)
    ours = table(target, ((row >= 15) & (row < 40)).astype(np.int64))
    baseline = table(target, ((row < 15) | (row >= 20) & (row < 40)).astype(np.int64))
    exact = 2 * sum(comb(20, k) for k in range(15, 21)) / 2**20
    got = randomisation_test(ours, baseline, FLAT, score="accuracy", draws=5000)
    assert exact == pytest.approx(0.0414, abs=1e-4)
    assert got == pytest.approx(exact, abs=4 * np.sqrt(exact / 5000))


@pytest.mark.parametrize("score", DRAWABLE)
@pytest.mark.parametrize("groups", [None, ["u", "u", "v", None, "w", "w", None, "w"]])
def test_it_is_the_share_of_all_swaps_that_differ_as_much(score: str, groups: list[str | None] | None) -> None:
    rng = np.random.default_rng(11)
    target, fold = np.array([0, 1, 2, 0, 1, 2, 0, 1]), np.repeat([0, 1], 4)
    ours, baseline = table(target, rng.integers(3, size=8), fold), table(target, rng.integers(3, size=8), fold)
    says = [one.logits.argmax(axis=1) for one in (ours, baseline)]
    keys = [(int(fold[row]), row if groups is None or groups[row] is None else groups[row]) for row in range(8)]
    units = list(dict.fromkeys(keys))

    def difference(swapped: tuple[bool, ...]) -> float:
        swap = np.array([swapped[units.index(key)] for key in keys])
        both = np.where(swap, says[1], says[0]), np.where(swap, says[0], says[1])
        values = [
            [DRAWABLE[score](confusion_matrix(target[fold == f], one[fold == f], 3), TREE) for f in (0, 1)]
            for one in both
        ]
        return float(np.mean(values[0]) - np.mean(values[1]))

    wanted = abs(difference((False,) * len(units)))
    every = [abs(difference(swapped)) >= wanted - 1e-12 for swapped in product((False, True), repeat=len(units))]
    got = randomisation_test(ours, baseline, TREE, score=score, groups=groups, draws=2000)
    assert got == pytest.approx(np.mean(every), abs=4 * np.sqrt(0.25 / 2000))


def test_without_any_difference_it_is_1_and_with_a_sure_one_the_smallest_there_is() -> None:
    assert randomisation_test(guesses(1), guesses(1), TREE, draws=50) == 1.0
    target = np.arange(300) % 3
    right, wrong = table(target, target), table(target, (target + 1) % 3)
    assert randomisation_test(right, wrong, TREE, draws=99) == 1 / 100


def test_under_luck_alone_every_p_is_as_likely() -> None:
    found = [
        randomisation_test(guesses(2 * seed, 90), guesses(2 * seed + 1, 90), TREE, draws=99) for seed in range(150)
    ]
    assert np.mean(np.array(found) <= 0.1) == pytest.approx(0.1, abs=0.07)
    assert np.mean(found) == pytest.approx(0.5, abs=0.09)


def test_copies_within_a_group_do_not_make_it_surer() -> None:
    rng = np.random.default_rng(4)
    target = np.zeros(400, np.int64)
    ours, baseline = (table(target, np.repeat((rng.random(50) < share).astype(np.int64), 8)) for share in (0.3, 0.5))
    groups = [f"u{row // 8}" for row in range(400)]
    by_row = randomisation_test(ours, baseline, FLAT, score="accuracy", draws=999)
    by_group = randomisation_test(ours, baseline, FLAT, score="accuracy", draws=999, groups=groups)
    assert by_row <= 0.002
    assert by_group > 5 * by_row


def test_the_order_of_the_rows_does_not_matter_and_the_seed_does() -> None:
    ours, baseline = guesses(1), guesses(2)
    groups = [f"u{row % 13}" for row in range(60)]
    wanted = randomisation_test(ours, baseline, TREE, groups=groups, draws=200)
    order, other = np.random.default_rng(0).permutation(60), np.random.default_rng(1).permutation(60)
    mixed = [groups[row] for row in order]
    assert randomisation_test(ours.take(order), baseline.take(other), TREE, groups=mixed, draws=200) == wanted
    assert len({randomisation_test(ours, baseline, TREE, draws=200, seed=seed) for seed in range(5)}) > 1


def test_what_cannot_be_compared_is_refused() -> None:
    ours, baseline = guesses(1), guesses(2)
    with pytest.raises(AlignmentError, match="the second lacks s00059"):
        randomisation_test(ours, baseline.take(np.arange(59)), TREE)
    with pytest.raises(ConfigError, match="did you mean 'hierarchical_f1'"):
        randomisation_test(ours, baseline, TREE, score="hierarchical_f")
    with pytest.raises(ConfigError, match="draws=0; wanted 1 or more"):
        randomisation_test(ours, baseline, TREE, draws=0)
    unknown = np.full(60, -1)
    with pytest.raises(InputError, match="no labelled sample"):
        randomisation_test(replace(ours, target=unknown), replace(baseline, target=unknown), TREE)
