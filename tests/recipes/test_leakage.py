"""`leakage.json`: planted twins with known counts, what they are worth, and what is told."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import read_collection
from heterophony.predictions import Predictions
from heterophony.recipes.collection import Collection, Sources
from heterophony.recipes.leakage import FILE, find_leaks, write_leaks
from heterophony.recipes.load import load_recipe
from heterophony.recipes.prepare import Prepared, prepare
from heterophony.taxonomy import BST


@pytest.fixture
def ready(bsd10k: Path, tiny_bst: Path) -> Prepared:
    """45 sounds by seven uploaders in three folds; the sound of row 1 is that of a row in another fold."""
    sources = Sources(own=Collection(found=read_collection(bsd10k), folder=bsd10k))
    ready = prepare(load_recipe(str(tiny_bst / "base.yaml")), sources)
    sound = ready.samples.vectors["sound"].copy()
    other = int(np.flatnonzero(ready.split.fold != ready.split.fold[1])[0])
    sound[1] = sound[other]
    origins = list(ready.origins)
    origins[1] = origins[other]
    samples = replace(ready.samples, vectors={**ready.samples.vectors, "sound": sound})
    return replace(ready, samples=samples, origins=origins)


@pytest.fixture
def said(ready: Prepared) -> Predictions:
    """All right but the row that was planted."""
    target = ready.samples.target
    logits = np.eye(BST.n_classes, dtype=np.float32)[target]
    logits[1] = np.roll(logits[1], 1)
    return Predictions(ready.samples.ids, logits, target, ready.split.fold, BST.classes)


def test_the_file_counts_the_pairs_and_says_what_they_are_worth(
    ready: Prepared, said: Predictions, tmp_path: Path
) -> None:
    leaks = find_leaks(ready)
    text = write_leaks(leaks, said, BST, tmp_path)
    found = json.loads((tmp_path / FILE).read_text())
    assert found["threshold"] == 0.99
    assert found["text"] == text
    assert list(found["checks"]) == ["source", "group", "sound", "words"]
    sound, rows = found["checks"]["sound"], len(ready.samples)
    assert (sound["tested"], sound["doubtful"], sound["equal"]) == (rows, 2, 2)
    assert sound["share"] == pytest.approx(2 / rows, abs=1e-6)
    assert {one["test"] for one in sound["pairs"]} == {one["train"] for one in sound["pairs"]}
    assert sound["pairs"][0]["cosine"] == 1.0
    assert sound["scores"]["accuracy"]["without"] == 1.0
    assert sound["scores"]["accuracy"]["all"] == pytest.approx(1 - 1 / rows, abs=0.01)
    assert found["checks"]["source"]["doubtful"] == 2
    assert found["checks"]["source"]["pairs"][0]["cosine"] is None
    assert found["checks"]["words"]["doubtful"] == 0
    assert "pairs" not in found["checks"]["group"]


def test_a_share_of_one_in_a_hundred_is_told(ready: Prepared) -> None:
    told = find_leaks(ready).notable()
    assert [one.partition(":")[0] for one in told] == ["source", "group", "sound"]
    assert told[1].startswith(f"group: {len(ready.samples)} of {len(ready.samples)} test rows (100.0 %)")
    assert "(cosine 0.99 or more), 2 equal" in told[2]


def test_where_nothing_is_left_no_score_is_made_up(ready: Prepared, said: Predictions, tmp_path: Path) -> None:
    text = write_leaks(find_leaks(ready), said, BST, tmp_path)
    assert text["group"].endswith("without them unknown: none is left")
    assert json.loads((tmp_path / FILE).read_text())["checks"]["group"]["scores"]["accuracy"]["without"] is None


def test_groups_that_nobody_knows_are_not_checked(ready: Prepared) -> None:
    bare = replace(ready, samples=replace(ready.samples, groups=(None,) * len(ready.samples)))
    assert list(find_leaks(bare).checks) == ["source", "sound", "words"]


def test_rows_of_other_data_sets_are_training_rows_of_every_fold(ready: Prepared) -> None:
    extra = replace(ready.samples.take(np.array([5])), ids=(f"{ready.origins[7]}.wav",))
    found = find_leaks(replace(ready, extra=extra))
    assert len(found.ids) == len(ready.samples) + 1
    assert found.checks["sound"].twin[5] == len(ready.samples)
    assert found.checks["source"].twin[7] == len(ready.samples)
    assert not found.checks["sound"].known[-1]


def test_numbers_of_recordings_are_no_vectors(ready: Prepared) -> None:
    numbers = np.arange(len(ready.samples))[:, None]
    tuned = replace(ready.samples, vectors={**ready.samples.vectors, "sound": numbers})
    assert list(find_leaks(replace(ready, samples=tuned)).checks) == ["source", "group", "words"]


def test_what_was_compared_once_is_not_compared_again(ready: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict = {}
    first = find_leaks(ready, known)
    monkeypatch.delattr("heterophony.recipes.leakage.near_duplicates")
    again = find_leaks(ready.with_seed(5), known)
    assert again.checks["sound"] is first.checks["sound"]
    assert len(known) == 2
