"""The search on the published BSD10k runs: golden numbers of folds 0-3, and a plain restatement of some subsets."""

import json
from pathlib import Path

import numpy as np
import pytest

from heterophony.ensemble.exhaustive import best, search
from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.nested_choice import by_f1, by_two_phases, nested_choice
from heterophony.ensemble.vote_values import vote_values
from heterophony.taxonomy import BST

pytestmark = pytest.mark.shared_data


def published(shared_data: Path, vote: str) -> tuple[list[str], MemberValues]:
    folder = shared_data / "bsd10k"
    names = json.loads((folder / "published_pool_37.json").read_text(encoding="utf-8"))
    with np.load(folder / "published_predictions_folds0to3.npz", allow_pickle=False) as archive:
        given = {name: archive[name] for name in archive.files}
    rows = np.flatnonzero(given["fold"] < 4)
    places = [given["systems"].tolist().index(name) for name in names]
    top, score = given["prediction"][places][:, rows].astype(int), given["score_1e4"][places][:, rows] / 1e4
    target, fold = given["target"][rows].astype(int), given["fold"][rows].astype(int)
    return names, MemberValues(vote_values(top, score, 23, vote=vote), target, fold, BST)


@pytest.mark.parametrize("vote", ["hard", "log-odds"])
def test_subsets_have_the_scores_of_a_plain_restatement(shared_data: Path, vote: str) -> None:
    _, data = published(shared_data, vote)
    scores = search(data, sizes=(2, 3))
    for number in np.random.default_rng(1821).choice(len(scores.subsets), 30, replace=False).tolist():
        members = scores.subsets.members(number)
        np.testing.assert_array_equal(scores.accuracy[number], data.score(members, "accuracy").astype(np.float32))
        np.testing.assert_allclose(scores.hierarchical_f1[number], data.score(members), rtol=1e-7)


@pytest.mark.slow
def test_what_a_search_over_all_subsets_finds_is_gone_on_a_fold_it_has_not_seen(shared_data: Path) -> None:
    names, data = published(shared_data, "log-odds")
    scores = search(data)
    number = int(best(scores.hierarchical_f1)[0])
    found = [names[member].removesuffix("/both") for member in scores.subsets.members(number)]
    assert found == ["conf3", "balanced_max", "matpac", "3mod", "3mod_hloss07"]
    assert 100 * scores.hierarchical_f1[number].mean() == pytest.approx(81.10, abs=0.005)
    paper = int(by_two_phases()(scores)[0])
    found = [names[member].removesuffix("/both") for member in scores.subsets.members(paper)]
    assert found == ["conf3", "mixup02_classw", "balanced_med", "convnext_mix02", "matpac"]
    assert 100 * scores.hierarchical_f1[paper].mean() == pytest.approx(81.04, abs=0.005)
    ways = ((by_two_phases(), 81.24, 80.31), (by_f1(), 81.25, 80.41), (by_f1(1000), 80.89, 80.29))
    for choose, inside, outside in ways:
        got = nested_choice(scores, choose)
        assert 100 * got.in_sample.mean() == pytest.approx(inside, abs=0.005)
        assert 100 * got.held_out.mean() == pytest.approx(outside, abs=0.005)
