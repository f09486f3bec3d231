from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from heterophony.ensemble import subset_blocks
from heterophony.ensemble.exhaustive import SubsetScores, best, search
from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.subset_blocks import SubsetBlocks
from heterophony.ensemble.subsets import Subsets
from heterophony.ensemble.vote_values import VOTES, vote_values
from heterophony.errors import ConfigError, InputError, MissingExtraError
from heterophony.metrics import DRAWABLE
from heterophony.taxonomy import BST, Taxonomy

FLAT = Taxonomy("flat", ("a", "b", "c"), ("a", "b", "c"), (0, 1, 2))
TREES = {"two levels": BST, "one level": FLAT}


def pool(what: str, tree: Taxonomy, seed: int = 0, members: int = 7, rows: int = 90) -> MemberValues:
    """Members that are right half of the time, with ties; three folds of unequal size, class 1 absent in one."""
    rng = np.random.default_rng(seed)
    n = tree.n_classes
    target = rng.integers(0, n, rows)
    fold = rng.choice([1, 2, 5], rows, p=[0.2, 0.3, 0.5])
    target[(fold == 2) & (target == 1)] = 0
    said = np.where(rng.random((members, rows)) < 0.5, target, rng.integers(0, n, (members, rows)))
    if what == "logits":
        values = rng.normal(size=(members, rows, n)) + 1.5 * np.eye(n)[said]
        return MemberValues(values.astype(np.float32), target, fold, tree)
    score = rng.choice([0.4, 0.5, 0.6, 0.7, 1.0], (members, rows))
    return MemberValues(vote_values(said, score, n, vote=what), target, fold, tree)


def assert_scores_are_right(data: MemberValues, got: SubsetScores, rule: str) -> None:
    for number, members in enumerate(got.subsets):
        np.testing.assert_array_equal(got.accuracy[number], data.score(members, "accuracy").astype(np.float32))
        wanted = data.score(members, "hierarchical_f1", rule)
        np.testing.assert_allclose(got.hierarchical_f1[number], wanted, rtol=1e-7, atol=0)


@pytest.mark.parametrize("what", ["logits", *VOTES])
@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("rule", ["zero", "skip"])
def test_every_subset_has_the_scores_of_a_plain_loop(what: str, tree: str, rule: str) -> None:
    data = pool(what, TREES[tree])
    got = search(data, sizes=(2, 5), never_predicted=rule)
    assert got.folds == (1, 2, 5)
    assert len(got.subsets) == 21 + 35 + 35 + 21
    assert_scores_are_right(data, got, rule)


@pytest.mark.parametrize(("members", "sizes"), [(2, (2, 2)), (3, (3, 3)), (5, (4, 5)), (7, (2, 7)), (6, (3, 4))])
def test_any_sizes(members: int, sizes: tuple[int, int]) -> None:
    data = pool("logits", FLAT, seed=members, members=members, rows=40)
    assert_scores_are_right(data, search(data, sizes=sizes), "zero")


@pytest.mark.parametrize("name", DRAWABLE)
def test_any_score_that_confusion_matrices_decide(name: str) -> None:
    data = pool("hard", BST, seed=3, members=4)
    for rule in ("zero", "skip"):
        block = SubsetBlocks(data, Subsets(4, 2, 3), (name,), rule).score(0)
        wanted = [data.score(m, name, rule) for m in Subsets(4, 2, 3) if m[0] == 0]
        np.testing.assert_allclose(block[:, 0], wanted, rtol=1e-14)


def test_members_that_all_agree_leave_nothing_to_search() -> None:
    one = pool("logits", FLAT, members=2)
    same = MemberValues(np.repeat(one.values[:1] * 10, 3, axis=0), one.target, one.fold, FLAT)
    got = search(same, sizes=(2, 3))
    np.testing.assert_array_equal(got.accuracy, np.repeat(got.accuracy[:1], 4, axis=0))
    assert_scores_are_right(same, got, "zero")


def test_the_number_of_threads_changes_no_byte() -> None:
    data = pool("logits", BST, seed=9)
    found = [search(data, threads=threads) for threads in (1, 2, 5)]
    for other in found[1:]:
        assert other.accuracy.tobytes() == found[0].accuracy.tobytes()
        assert other.hierarchical_f1.tobytes() == found[0].hierarchical_f1.tobytes()


class Killed(BaseException):
    """What a kill looks like from inside."""


def killed_after(reports: int) -> Callable[[int, int], None]:
    left = [reports]

    def report(done: int, total: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed

    return report


@pytest.mark.parametrize("reports", [1, 2, 7, 9, 14, 20])
def test_a_search_that_was_killed_goes_on_with_the_same_bytes(tmp_path: Path, reports: int) -> None:
    data = pool("score", FLAT, seed=4)
    whole = search(data, folder=tmp_path / "whole")
    with pytest.raises(Killed):
        search(data, folder=tmp_path / "part", report=killed_after(reports))
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "part").glob("block_*.npz")}
    again = search(data, folder=tmp_path / "part")
    assert again.hierarchical_f1.tobytes() == whole.hierarchical_f1.tobytes() == search(data).hierarchical_f1.tobytes()
    for path in sorted((tmp_path / "whole").iterdir()):
        assert (tmp_path / "part" / path.name).read_bytes() == path.read_bytes()
    assert {name: (tmp_path / "part" / name).stat().st_mtime_ns for name in kept} == kept


def test_progress_counts_subsets(tmp_path: Path) -> None:
    data = pool("hard", FLAT, members=5)
    told: list[tuple[int, int]] = []
    search(data, sizes=(2, 3), folder=tmp_path, report=lambda *now: told.append(now))
    assert told[-1] == (20, 20)
    assert told == sorted(told)
    told.clear()
    search(data, sizes=(2, 3), folder=tmp_path, report=lambda *now: told.append(now))
    assert told == [(10, 20), (16, 20), (19, 20), (20, 20)]


def test_another_search_is_refused(tmp_path: Path) -> None:
    data = pool("hard", FLAT)
    search(data, folder=tmp_path)
    for other, options in (
        (pool("hard", FLAT, seed=1), {}),
        (data, {"sizes": (2, 4)}),
        (data, {"never_predicted": "skip"}),
        (data.rows(data.fold != 1), {}),
    ):
        with pytest.raises(InputError, match="holds another search"):
            search(other, folder=tmp_path, **options)


def test_the_best_come_first_and_the_lower_number_among_equals() -> None:
    scores = np.array([[0.5, 0.75], [0.9, 0.9], [0.625, 0.625], [0.9, 0.9]], dtype=np.float32)
    assert best(scores, 3).tolist() == [1, 3, 0]


def test_no_class_left_under_skip_is_told() -> None:
    votes = np.zeros((2, 4, 3), dtype=np.float32)
    votes[:, :, 1] = 1
    data = MemberValues(votes, np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64), FLAT)
    assert search(data, sizes=(2, 2)).hierarchical_f1.tolist() == [[0.0]]
    with pytest.raises(InputError, match="no class is left"):
        search(data, sizes=(2, 2), never_predicted="skip")


def test_impossible_options_are_refused() -> None:
    data = pool("hard", FLAT)
    with pytest.raises(ConfigError, match="threads=0"):
        search(data, threads=0)
    with pytest.raises(ConfigError, match="wanted scores of accuracy"):
        SubsetBlocks(data, Subsets(7), ("log_loss",))
    with pytest.raises(ConfigError, match="6 of 7 members"):
        SubsetBlocks(data, Subsets(6), ("accuracy",))


def test_without_the_compiler_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(module: str, extra: str) -> None:
        assert module == "heterophony.ensemble.subset_kernel"
        raise MissingExtraError(f"numba is not installed; try: pip install 'heterophony[{extra}]'")

    monkeypatch.setattr(subset_blocks, "import_extra", absent)
    with pytest.raises(MissingExtraError, match=r"pip install 'heterophony\[search\]'"):
        search(pool("hard", FLAT))
