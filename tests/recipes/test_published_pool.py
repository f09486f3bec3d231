"""The published runs of the audio-text report, folds 0-3, as a user would combine them; our numbers, kept."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from heterophony.ensemble import VOTES, Greedy, Vote, average, in_sample, nested, random_scores
from heterophony.metrics import evaluate_folds
from heterophony.predictions import Predictions
from heterophony.recipes.members import Members, read_members
from heterophony.taxonomy import BST

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def members(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Members:
    out = tmp_path_factory.mktemp("pool")
    tool = Path(__file__).resolve().parents[2] / "tools" / "published_pool.py"
    spec = importlib.util.spec_from_file_location("published_pool", tool)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["published_pool.py", str(shared_data), str(out)])
        module.main()
    return read_members(sorted(out.glob("*.csv")), "bst")


def f1(table: Predictions) -> float:
    return round(100 * float(np.mean([fold["hierarchical_f1"] for fold in evaluate_folds(table, BST).values()])), 2)


def test_it_is_the_pool_of_the_report(members: Members) -> None:
    assert len(members.pool.names) == 37
    assert members.pool.folds == [0, 1, 2, 3]
    assert len(members.pool.tests[0]) == 8765
    assert {member.said for member in members.pool.members} == {"top-score"}
    said = np.stack([one.logits.argmax(axis=1) for one in members.pool.tests])
    assert round((said == said[0]).all(axis=0).mean(), 3) == 0.585  # 0.587 over five folds


def test_the_average_of_all_is_worth_what_the_report_sought(members: Members) -> None:
    """Over five folds: 80.96 by log-odds."""
    found = {of: f1(average(members.pool, of).predictions) for of in VOTES}
    assert found == {"hard": 80.78, "score": 80.87, "log-odds": 80.85}


def test_subsets_of_five_that_nobody_chose(members: Members) -> None:
    """Over five folds: 80.19 (0.22)."""
    drawn = random_scores(members.pool.tests, BST, "log-odds", "hierarchical_f1", size=5, count=200, seed=0)
    assert 100 * drawn.mean() == pytest.approx(80.05, abs=0.06)
    assert 100 * drawn.std() == pytest.approx(0.25, abs=0.03)


def test_hard_votes_are_those_of_a_plain_count(members: Members) -> None:
    tables = members.pool.tests
    top = np.stack([one.logits.argmax(axis=1) for one in tables])
    score = np.stack([np.exp(one.logits.max(axis=1).astype(np.float64)) for one in tables])
    plain = []
    for row in range(len(tables[0])):
        votes = Counter(top[:, row].tolist())
        most = max(votes.values())
        tied = [label for label, count in votes.items() if count == most]
        plain.append(max(tied, key=lambda label, row=row: (round(score[top[:, row] == label, row].sum(), 6), -label)))
    got = Vote().fit(tables, members.pool.taxonomy).combine(tables).logits.argmax(axis=1)
    np.testing.assert_array_equal(got, plain)


def test_greedy_selection_gains_in_sample_what_it_loses_elsewhere(members: Members) -> None:
    """Over five folds: 81.49 in sample, 80.87 nested."""
    method = Greedy(of="log-odds")
    found = [f1(way(members.pool, method).predictions) for way in (in_sample, nested)]
    assert found == [81.33, 80.87]
