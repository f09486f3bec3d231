import json
from pathlib import Path

import numpy as np
import pytest

from heterophony.ensemble import Greedy, MeanOfAll, Vote
from heterophony.errors import InputError
from heterophony.predictions import read_predictions, tree_of_run
from heterophony.recipes.combine import combine
from heterophony.recipes.ensemble_folder import refuse_taken, write_ensemble
from heterophony.recipes.ensemble_settings import settings_for
from heterophony.recipes.members import read_members
from heterophony.recipes.report_run import read_record


def test_an_ensemble_is_read_back_as_a_run_and_can_be_a_member(ensemble_runs: list[Path], tmp_path: Path) -> None:
    members = read_members(ensemble_runs)
    done = combine(members.pool, MeanOfAll(), settings_for("validation", "hierarchical_f1"))
    write_ensemble(done, done.saved, members, ("mean", MeanOfAll()), tmp_path / "out")
    read = read_predictions(tmp_path / "out", tree_of_run(tmp_path / "out"))
    np.testing.assert_array_equal(read.predictions.logits, done.saved.predictions.logits)
    assert read.said == "distribution"
    assert read_members([tmp_path / "out", ensemble_runs[0]]).pool.names == ("out", "run0")


def test_an_ensemble_of_votes_is_no_distribution_for_its_reader(ensemble_runs: list[Path], tmp_path: Path) -> None:
    members = read_members(ensemble_runs)
    done = combine(members.pool, Vote(), settings_for("validation", "hierarchical_f1"))
    write_ensemble(done, done.saved, members, ("vote", Vote()), tmp_path / "out")
    assert read_predictions(tmp_path / "out", members.pool.taxonomy).said == "top-score"
    (tmp_path / "out" / "ensemble.json").write_text('{"said": "much"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"ensemble.json: said 'much'; wanted distribution or top-score"):
        read_predictions(tmp_path / "out", members.pool.taxonomy)
    (tmp_path / "out" / "ensemble.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match=r"ensemble.json: not what an ensemble writes"):
        read_predictions(tmp_path / "out", members.pool.taxonomy)


def test_what_it_is_made_of_is_written(ensemble_runs: list[Path], tmp_path: Path) -> None:
    members = read_members(ensemble_runs)
    done = combine(members.pool, Greedy(steps=4), settings_for("test", "hierarchical_f1"))
    write_ensemble(done, done.saved, members, ("greedy", Greedy(steps=4)), tmp_path / "out")
    about = json.loads((tmp_path / "out" / "ensemble.json").read_text(encoding="utf-8"))
    assert (about["method"], about["chosen_on"]) == ("greedy", "test")
    assert about["settings"] == {"of": "log-probabilities", "score": "hierarchical_f1", "steps": 4, "start": 5}
    assert about["mark"] == "chosen on the test folds: optimistic"
    assert [one["name"] for one in about["members"]] == ["run0", "run1", "run2", "run3"]
    assert about["members"][0]["path"] == "…/run0"
    weights = done.saved.by_fold[1].ensemble.weights
    np.testing.assert_allclose(list(about["weights"]["1"].values()), weights)
    np.testing.assert_allclose(list(about["temperatures"]["2"].values()), done.temperatures[2])
    assert about["results"][0]["note"] == about["mark"]
    assert "chosen on the test folds: optimistic" in (tmp_path / "out" / "ensemble.md").read_text(encoding="utf-8")
    assert "chosen on the test folds: optimistic" in read_predictions(tmp_path / "out", members.pool.taxonomy).notes
    marked = "Ensemble of 4 members: greedy, chosen on the test folds: optimistic"
    assert read_record(tmp_path / "out").subtitle == marked
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["mean_and_std"]["ensemble"]["accuracy"][0] == done.ways[0].scores["accuracy"][0]


def test_a_taken_folder_is_left_alone(tmp_path: Path) -> None:
    refuse_taken(tmp_path / "new")
    refuse_taken(tmp_path)
    (tmp_path / "file").touch()
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(InputError, match="there is something in it; give a new folder for the ensemble"):
            refuse_taken(taken)
