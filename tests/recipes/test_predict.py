"""Predictions of a collection: every usable clip in its order, with its label, and the same as `classify` says."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import Clip, collect
from heterophony.errors import InputError
from heterophony.predictions import Predictions
from heterophony.recipes.classify import classify
from heterophony.recipes.collection import Sources
from heterophony.recipes.model_folder import load_model
from heterophony.recipes.predict import predict


@pytest.fixture
def clips(tmp_path: Path, write_sound: Callable[..., Path]) -> list[Clip]:
    write_sound(tmp_path / "b.wav", "high", seed=61)
    write_sound(tmp_path / "a.wav", "low", seed=62)
    (tmp_path / "c.wav").write_bytes(b"")
    found = collect([tmp_path / "b.wav", tmp_path / "c.wav", tmp_path / "a.wav"])
    return [replace(clip, label=label) for clip, label in zip(found, ("high", "low", None), strict=True)]


def test_rows_labels_and_refusals(clips: list[Clip], run_folder: Path, tmp_path: Path) -> None:
    model = load_model(str(run_folder))
    done = predict(Sources.of(clips), model)
    assert [Path(name).name for name in done.predictions.ids] == ["b.wav", "a.wav"]
    assert [one.reason for one in done.refused] == [f"{tmp_path / 'c.wav'}: is empty (0 bytes)"]
    classes = done.predictions.classes
    assert done.predictions.target.tolist() == [classes.index("high"), -1]
    np.testing.assert_allclose(np.exp(done.predictions.logits).sum(axis=1), 1, rtol=1e-5)
    done.predictions.save(tmp_path / "p.npz")
    assert Predictions.load(tmp_path / "p.npz").ids == done.predictions.ids


def test_predictions_are_those_of_classify_where_both_read_the_same(clips: list[Clip], run_folder: Path) -> None:
    model = load_model(str(run_folder))
    rows = classify([clips[0], clips[2]], model, use_words=False)
    logits = predict(Sources.of(clips), model).predictions.logits
    assert [row.class_ for row in rows] == [model.taxonomy.classes[at] for at in logits.argmax(axis=1)]
    np.testing.assert_allclose([row.class_probability for row in rows], np.exp(logits.max(axis=1)), rtol=1e-5)


def test_a_collection_without_a_usable_clip_is_refused(clips: list[Clip], run_folder: Path) -> None:
    with pytest.raises(InputError, match=r"none of 1 clips can be used; the first: .*empty"):
        predict(Sources.of(clips[1:2]), load_model(str(run_folder)))
