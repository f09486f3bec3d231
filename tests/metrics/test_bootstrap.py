from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics import DRAWABLE, Interval, confusion_matrix, evaluate_confusion, interval, paired_difference
from heterophony.predictions import Predictions
from heterophony.taxonomy import BST, from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])
FLAT = from_pairs("flat", ["a", "b"])


def table(target: np.ndarray, said: np.ndarray, fold: np.ndarray | None = None, classes: int = 3) -> Predictions:
    """Predictions known by class alone."""
    keys = {2: FLAT.classes, 3: TREE.classes, 23: BST.classes}[classes]
    logits = np.eye(classes, dtype=np.float32)[said]
    fold = np.zeros(len(said), np.int64) if fold is None else fold
    return Predictions(tuple(f"s{row:05d}" for row in range(len(said))), logits, target, fold, keys)


def guesses(seed: int, rows: int = 60) -> Predictions:
    """Random answers over three folds."""
    rng = np.random.default_rng(seed)
    return table(np.arange(rows) % 3, rng.integers(3, size=rows), np.arange(rows) % 7 % 3)


@pytest.mark.parametrize("score", DRAWABLE)
@pytest.mark.parametrize("groups", [None, [None if row % 5 == 0 else f"u{row % 11}" for row in range(60)]])
def test_it_is_the_mean_difference_on_the_rows_that_were_drawn(score: str, groups: list[str | None] | None) -> None:
    ours, baseline = guesses(1), guesses(2)

    def difference(rows: np.ndarray) -> float:
        values = []
        for said in (ours, baseline):
            counts = confusion_matrix(ours.target[rows], said.logits[rows].argmax(axis=1), 3)
            values.append(evaluate_confusion(counts, TREE)[score])
        return values[0] - values[1]

    drawn = []
    for fold in range(3):
        rows = np.flatnonzero(ours.fold == fold)
        keys = [row if groups is None or groups[row] is None else groups[row] for row in rows.tolist()]
        units = [rows[[key == unit for key in keys]] for unit in dict.fromkeys(keys)]
        generator = np.random.default_rng([5, fold])
        picks = [range(len(units)), *(generator.integers(len(units), size=len(units)) for _ in range(9))]
        drawn.append([difference(np.concatenate([units[unit] for unit in pick])) for pick in picks])
    value, *resampled = np.mean(drawn, axis=0)
    wanted = (value, *np.quantile(resampled, [0.05, 0.95]), 9, np.std(resampled, ddof=1))
    got = paired_difference(ours, baseline, TREE, score=score, groups=groups, draws=9, level=0.9, seed=5)
    assert (got.value, got.low, got.high, got.draws, got.spread) == pytest.approx(wanted, abs=1e-12)


def test_a_table_does_not_differ_from_itself() -> None:
    assert paired_difference(guesses(1), guesses(1), TREE, draws=50) == Interval(0.0, 0.0, 0.0, 50, 0.0)


def test_the_standard_error_of_an_accuracy_is_that_of_a_share() -> None:
    target = np.zeros(1000, np.int64)
    said = (np.arange(1000) >= 800).astype(np.int64)
    error = np.sqrt(0.8 * 0.2 / 1000)
    # A standard deviation of 4,000 draws is known to about 1.1 %.
    got = interval(table(target, said, classes=2), FLAT, score="accuracy", draws=4000)
    assert got.value == 0.8
    assert got.spread == pytest.approx(error, rel=0.05)
    assert (got.low, got.high) == pytest.approx((0.8 - 1.96 * error, 0.8 + 1.96 * error), abs=0.15 * error)
    # Two folds of 500: the mean of two independent shares. All wrong answers are in the second.
    halves = interval(table(target, said, np.arange(1000) // 500, 2), FLAT, score="accuracy", draws=4000)
    assert halves.spread == pytest.approx(np.sqrt(0.6 * 0.4 / 500) / 2, rel=0.05)


def test_the_standard_error_of_a_paired_difference_counts_only_where_the_two_differ() -> None:
    target, row = np.zeros(1000, np.int64), np.arange(1000)
    ours = table(target, (row < 300).astype(np.int64), classes=2)
    baseline = table(target, (row < 310).astype(np.int64), classes=2)
    got = paired_difference(ours, baseline, FLAT, score="accuracy", draws=4000)
    assert got.value == pytest.approx(0.01)
    assert got.spread == pytest.approx(np.sqrt(0.01 * 0.99 / 1000), rel=0.05)
    assert got.spread < 0.25 * interval(ours, FLAT, score="accuracy").spread


def test_copies_within_a_group_do_not_make_it_surer() -> None:
    rng = np.random.default_rng(4)
    said = np.repeat((rng.random(250) < 0.3).astype(np.int64), 4)
    copies = table(np.zeros(1000, np.int64), said, classes=2)
    groups = [f"u{row // 4}" for row in range(1000)]
    by_row = interval(copies, FLAT, score="accuracy", draws=2000)
    by_group = interval(copies, FLAT, score="accuracy", draws=2000, groups=groups)
    assert by_group.spread == pytest.approx(2 * by_row.spread, rel=0.08)
    assert by_group.high - by_group.low > 1.7 * (by_row.high - by_row.low)


def test_the_order_of_the_rows_does_not_matter_and_the_seed_does() -> None:
    ours, baseline = guesses(1), guesses(2)
    groups = [f"u{row % 13}" for row in range(60)]
    wanted = paired_difference(ours, baseline, TREE, groups=groups, draws=20)
    order, other = np.random.default_rng(0).permutation(60), np.random.default_rng(1).permutation(60)
    mixed = [groups[row] for row in order]
    assert paired_difference(ours.take(order), baseline.take(other), TREE, groups=mixed, draws=20) == wanted
    assert paired_difference(ours, baseline, TREE, groups=groups, draws=20, seed=1) != wanted
    assert interval(ours.take(order), TREE, draws=20) == interval(ours, TREE, draws=20)


def test_several_seeds_are_averaged_on_the_same_draws() -> None:
    ours, again, baseline = guesses(1), guesses(3), guesses(2)
    once = paired_difference(ours, baseline, TREE, score="accuracy", draws=20)
    assert paired_difference([ours, ours], [baseline], TREE, score="accuracy", draws=20) == once
    both = paired_difference([ours, again.take(np.arange(60)[::-1])], baseline, TREE, draws=20)
    each = [paired_difference(run, baseline, TREE, draws=20) for run in (ours, again)]
    assert both.value == pytest.approx((each[0].value + each[1].value) / 2)
    assert interval([ours, again], TREE, draws=20).value == pytest.approx(both.value + interval(baseline, TREE).value)
    # Seeds that err apart are steadier together.
    assert both.spread < (each[0].spread + each[1].spread) / 2


def test_rows_of_unknown_target_do_not_count_and_one_table_may_know_it() -> None:
    ours, baseline = guesses(1), guesses(2)
    unknown = replace(ours, target=np.where(np.arange(60) < 6, -1, ours.target))
    assert interval(unknown, TREE, draws=9) == interval(ours.take(np.arange(6, 60)), TREE, draws=9)
    assert paired_difference(unknown, baseline, TREE, draws=9) == paired_difference(ours, baseline, TREE, draws=9)
    with pytest.raises(InputError, match="no labelled sample to draw"):
        interval(replace(ours, target=np.full(60, -1)), TREE)


def test_tables_that_cannot_be_compared_are_refused() -> None:
    ours, baseline = guesses(1), guesses(2)
    with pytest.raises(AlignmentError, match="the second lacks s00059"):
        paired_difference(ours, baseline.take(np.arange(59)), TREE)
    moved = replace(baseline, fold=baseline.fold + (np.arange(60) == 2))
    with pytest.raises(AlignmentError, match="different folds for s00002; train both on one split"):
        paired_difference(ours, moved, TREE)
    with pytest.raises(AlignmentError, match="not over the classes of 'flat'"):
        interval(ours, FLAT)
    with pytest.raises(InputError, match="fold 0 has a single row or group"):
        interval(ours, TREE, groups=["one"] * 60)


def test_impossible_settings_are_refused() -> None:
    ours = guesses(1)
    with pytest.raises(
        ConfigError, match="no score 'hierarchical_f' of confusion matrices; did you mean 'hierarchical_f1'"
    ):
        interval(ours, TREE, score="hierarchical_f")
    with pytest.raises(ConfigError, match="wanted one of accuracy, top_accuracy"):
        interval(ours, TREE, score="zzz")
    with pytest.raises(ConfigError, match="draws=1; a spread needs 2"):
        interval(ours, TREE, draws=1)
    with pytest.raises(InputError, match="no predictions; give a table, or one per seed"):
        paired_difference(ours, [], TREE)
    with pytest.raises(ConfigError, match="level=95; wanted a share between 0 and 1"):
        interval(ours, TREE, level=95)
    with pytest.raises(ConfigError, match="2 groups for 60 rows"):
        interval(ours, TREE, groups=["a", "b"])


@pytest.mark.shared_data
def test_the_published_runs_are_as_unsure_as_was_measured_on_five_folds(shared_data: Path) -> None:
    stored = np.load(shared_data / "bsd10k" / "published_predictions_folds0to3.npz", allow_pickle=False)
    systems = stored["systems"].tolist()
    held = stored["fold"] < 4

    def run(name: str) -> Predictions:
        said = stored["prediction"][systems.index(name)][held]
        return table(stored["target"][held].astype(np.int64), said, stored["fold"][held].astype(np.int64), 23)

    baseline = run("baseline/both")
    others = ["mixup02/both", "cw_only/both", "combo_aug/both", "ext_weak/both", "contrastive_05/both"]
    # On five folds: 0.41 points, and 0.34 for a paired difference. Here four of them, each draw of a fold as large.
    more = np.sqrt(5 / 4)
    assert 100 * interval(baseline, BST).spread == pytest.approx(0.41 * more, rel=0.06)
    differences = [paired_difference(run(name), baseline, BST) for name in others]
    assert 100 * np.mean([found.spread for found in differences]) == pytest.approx(0.34 * more, rel=0.06)
    # Two runs of the baseline differ by 0.38: none of these five is told from it.
    assert all(found.low < 0 < found.high for found in differences)
