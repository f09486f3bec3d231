"""Recordings to rows: what is refused has no predictions, and nobody suffers from his neighbour."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import Clip, read_manifest
from heterophony.predictions import softmax
from heterophony.recipes.classify import calibrated, classify
from heterophony.recipes.samples import Samples
from heterophony.recipes.trained import Temperature, Trained, has_just
from heterophony.store import Store


@pytest.fixture
def clips(tmp_path: Path, write_sound: Callable[..., Path]) -> list[Clip]:
    for label in ("low", "high", "noise"):
        write_sound(tmp_path / f"{label}.wav", label, seed=99)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "letter.wav").write_text("Dear sir")
    titles = {"low.wav": "deep hum", "high.wav": None, "noise.wav": "rain hiss"}
    listed = [Clip(id=name, file_name=name, path=tmp_path / name, title=title) for name, title in titles.items()]
    broken = [
        Clip(id=name, file_name=name, path=tmp_path / name, title="deep hum") for name in ("empty.wav", "letter.wav")
    ]
    return [broken[0], *listed, broken[1], Clip(id="only words", title="shrill whistle"), Clip(id="nothing")]


def test_each_sound_gets_its_class_and_each_broken_file_its_reason(clips: list[Clip], trained: Trained) -> None:
    rows = classify(clips, trained)
    assert [row.file_name for row in rows] == [
        "empty.wav", "low.wav", "high.wav", "noise.wav", "letter.wav", "only words", "nothing",
    ]  # fmt: skip
    assert [row.kind for row in rows] == ["refused", "ok", "ok", "ok", "refused", "ok", "refused"]
    assert [row.class_ for row in rows] == [None, "low", "high", "noise", None, "high", None]
    assert [row.top for row in rows] == [None, "tone", "tone", "noise", None, "tone", None]
    assert [row.reason for row in rows if row.kind == "refused"][::2] == [
        "is empty (0 bytes)", "there is no recording and there are no words",
    ]  # fmt: skip


def test_probabilities_belong_together(clips: list[Clip], trained: Trained) -> None:
    for row in classify(clips, trained):
        if row.kind == "refused":
            continue
        assert row.class_probability is not None
        assert row.second_probability is not None
        assert row.third_probability is not None
        assert row.top_probability is not None
        assert row.class_probability >= row.second_probability >= row.third_probability
        assert row.class_probability + row.second_probability + row.third_probability == pytest.approx(1)
        assert {row.class_, row.second, row.third} == {"low", "high", "noise"}
        named = {
            row.class_: row.class_probability,
            row.second: row.second_probability,
            row.third: row.third_probability,
        }
        tone = named["low"] + named["high"]
        assert row.top_probability == pytest.approx(tone if row.top == "tone" else named["noise"])


def test_what_each_modality_says_alone_is_told_where_it_is_there(clips: list[Clip], trained: Trained) -> None:
    by_name = {row.file_name: row for row in classify(clips, trained, use_words=True)}
    assert (by_name["low.wav"].class_from_sound, by_name["low.wav"].class_from_words) == ("low", "low")
    words = by_name["only words"]
    assert (words.class_from_sound, words.weight_sound, words.class_from_words) == (None, None, "high")
    assert words.weight_words == pytest.approx(1)
    both = by_name["noise.wav"]
    assert both.weight_sound is not None
    assert both.weight_words is not None
    assert both.weight_sound + both.weight_words == pytest.approx(1)
    silent = {row.file_name: row for row in classify(clips, trained, use_words=False)}
    assert silent["noise.wav"].class_from_words is None
    assert silent["noise.wav"].weight_words is None
    assert silent["noise.wav"].weight_sound == pytest.approx(1)
    assert silent["only words"].kind == "refused"


def test_a_row_does_not_depend_on_its_neighbours(clips: list[Clip], trained: Trained) -> None:
    together = {row.file_name: row for row in classify(clips, trained)}
    for clip in clips:
        (alone,) = classify([clip], trained)
        for name, value in alone.cells().items():
            other = together[clip.file_name or clip.id].cells()[name]
            assert other == (pytest.approx(value, abs=1e-6) if isinstance(value, float) else value)


def test_partial_recordings_are_classified_and_say_so(tmp_path: Path, trained: Trained) -> None:
    import soundfile

    soundfile.write(tmp_path / "still.wav", np.zeros(16000), 16000)
    (row,) = classify([Clip(id="still.wav", file_name="still.wav", path=tmp_path / "still.wav")], trained)
    assert row.status == "partial: digital silence"
    assert row.class_ is not None


def test_rows_are_the_same_whatever_the_size_of_a_block(
    corpus: Path, trained: Trained, store_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips, store = read_manifest(corpus), Store(store_folder)
    whole = classify(clips, trained, store)
    monkeypatch.setattr("heterophony.recipes.classify.BLOCK", 5)
    for one, two in zip(whole, classify(clips, trained, store), strict=True):
        assert (one.file_name, one.class_) == (two.file_name, two.class_)
        assert one.class_probability == pytest.approx(two.class_probability, abs=1e-6)


def test_no_clips_give_no_rows(trained: Trained) -> None:
    assert classify([], trained) == []


def test_each_row_has_the_temperature_of_what_it_has(trained: Trained, corpus_samples: Samples) -> None:
    heat = {"sound": 2.0, "words": 3.0, "sound+words": 5.0}
    model = replace(trained, temperatures={key: Temperature(value=t, samples=99) for key, t in heat.items()})
    said = model.say(model.table(corpus_samples))
    found = calibrated(model, corpus_samples, said)
    for key, t in heat.items():
        rows = np.flatnonzero(has_just(corpus_samples, key.split("+")))
        assert len(rows)
        np.testing.assert_allclose(found[rows], softmax(said.logits[rows], t))
    assert np.isfinite(found).all()
