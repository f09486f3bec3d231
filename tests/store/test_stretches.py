"""Clips whose pictures lie in a file of their own, and stretches of clips: each vector is of just what it should be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from heterophony.clips import Clip, read_tau, segments
from heterophony.media import Limits, read_waveforms
from heterophony.store import Store, content_hash, embed_clips
from heterophony.store.catalogue import list_shelves, open_shelf
from heterophony.store.content import clip_key
from heterophony.store.verify import verify_shelves

BOTH = {"sound": "yamnet:mean", "pictures": "efficientnet-lite0:mean"}


@pytest.fixture(scope="module")
def clip(tau_copy: Path) -> Clip:
    return read_tau(tau_copy).clips[0]


def one(clip: Clip, encoders: dict[str, str] = BOTH, store: Store | None = None) -> dict[str, np.ndarray]:
    (found,) = embed_clips([clip], encoders, store, words="none")
    assert found.status == "ok", found.reason
    return dict(found.vectors)


def test_sound_comes_from_one_file_and_pictures_from_the_other(clip: Clip) -> None:
    assert clip.path is not None
    both = one(clip)
    heard = one(Clip(id="s", path=clip.path), {"sound": BOTH["sound"]})
    seen = one(Clip(id="p", path=clip.pictures_path), {"pictures": BOTH["pictures"]})
    assert np.array_equal(both["sound"], heard["sound"])
    assert np.array_equal(both["pictures"], seen["pictures"])
    alone = one(replace(clip, pictures_path=None))
    assert list(alone) == ["sound"], "the sound file shows nothing"


def test_a_segment_is_what_its_second_is(clip: Clip, tmp_path: Path) -> None:
    assert clip.path is not None
    samples, rate_hz = soundfile.read(clip.path, start=16_000, stop=32_000, dtype="int16")
    soundfile.write(tmp_path / "second.wav", samples, rate_hz)
    cut = segments([clip], 1.0, 3)
    vectors = [one(part) for part in cut]
    assert np.array_equal(
        vectors[1]["sound"], one(Clip(id="x", path=tmp_path / "second.wav"), {"sound": BOTH["sound"]})["sound"]
    )
    whole = one(clip)["pictures"]
    assert np.mean([each["pictures"] for each in vectors], axis=0) == pytest.approx(whole, abs=1e-5)
    assert not np.array_equal(vectors[0]["pictures"], vectors[1]["pictures"])


def test_a_segment_behind_the_end_is_refused(clip: Clip) -> None:
    (found,) = embed_clips([segments([clip], 1.0, 4)[3]], BOTH, words="none")
    assert found.status == "refused"
    assert ".wav, 3 s to 4 s: 0 samples" in found.reason


def test_each_is_kept_under_a_key_of_its_own(clip: Clip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clip.path is not None
    cut = segments([clip], 1.0, 3)
    every = [clip, replace(clip, pictures_path=None), *cut]
    keys = [clip_key(each) for each in every]
    assert len(set(keys)) == 5
    assert keys[1] == content_hash(clip.path), "a clip of one file is known by its content alone"
    cold = embed_clips(every, BOTH, Store(tmp_path), words="none")
    monkeypatch.setattr("heterophony.store.one_clip.hear", _refuse)
    monkeypatch.setattr("heterophony.store.one_clip.look", _refuse)
    warm = embed_clips([clip, *cut], BOTH, Store(tmp_path), words="none")
    for before, after in zip([cold[0], *cold[2:]], warm, strict=True):
        assert {name: x.tobytes() for name, x in before.vectors.items()} == {
            name: x.tobytes() for name, x in after.vectors.items()
        }


def _refuse(*_: object) -> None:
    raise AssertionError("decoded again")


def test_other_pictures_are_another_clip(clip: Clip, tau_copy: Path) -> None:
    other = read_tau(tau_copy).clips[1]
    assert clip_key(clip) != clip_key(replace(clip, pictures_path=other.pictures_path))
    assert clip_key(Clip(id="words", title="rain")) is None


def test_what_is_kept_of_segments_can_be_verified(clip: Clip, tmp_path: Path) -> None:
    cut = segments([clip], 1.0, 2)
    store = Store(tmp_path)
    embed_clips(cut, {"sound": BOTH["sound"]}, store, words="none")
    (drift,) = verify_shelves([open_shelf(entry.folder) for entry in list_shelves(store)], cut, sample=2)
    assert (drift.checked, drift.skipped, drift.refused) == (2, "", ())


def test_waveforms_of_stretches(clip: Clip) -> None:
    assert clip.path is not None
    whole = read_waveforms([clip.path], 16_000)
    stretches = [part.stretch for part in segments([clip], 1.0, 3)]
    parts = read_waveforms([clip.path] * 3, 16_000, Limits(), stretches=stretches)
    assert np.array_equal(np.concatenate(parts.samples), whole.samples[0])
