"""Pictures of a long video, minute by minute."""

from dataclasses import dataclass

import av
import numpy as np
import pytest
import soundfile

from heterophony.encoders import Fingerprint
from heterophony.errors import AbsentError
from heterophony.recipes import scene_pictures
from heterophony.recipes.scene_pictures import picture_minutes
from heterophony.store.encoder_specs import EncoderSpec

BEGINS = 0.5


@dataclass(frozen=True)
class Seeing:
    """An encoder that says how bright the first picture of a second is."""

    times = (0.0, 0.5)
    size, fit, batch, dim = 8, "crop", 3, 1
    name, modality, pooling, fingerprint = "seeing", "pictures", "mean", None

    def encode(self, frames):
        assert len(frames) <= self.batch
        return frames[:, 0].mean(axis=(1, 2, 3))[:, None].astype(np.float32)


PRINT = Fingerprint(encoder="seeing", version="1", modality="pictures", weights_sha256="")
PART = EncoderSpec("pictures", "seeing", "mean", PRINT)


@pytest.fixture(autouse=True)
def short_minutes(monkeypatch):
    monkeypatch.setattr(scene_pictures, "loaded", lambda _name: Seeing())
    monkeypatch.setattr(scene_pictures, "MINUTE_S", 4)


def video(path, pictures):
    """Ten pictures a second, each brighter than the last."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(pictures):
            flat = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 2 * number, np.uint8), format="rgb24")
            container.mux(stream.encode(flat.reformat(format="yuv420p", threads=1)))
        container.mux(stream.encode(None))
    return path


def minutes(path, first=0, stated=None):
    return list(picture_minutes(path, PART, first, BEGINS, stated, []))


@pytest.mark.parametrize(
    ("pictures", "expected"), [(100, [4, 4, 2]), (80, [4, 4, 0]), (103, [4, 4, 2]), (106, [4, 4, 3])]
)
def test_each_second_is_a_window(tmp_path, pictures, expected):
    found = minutes(video(tmp_path / "a.mp4", pictures))
    assert [len(minute.windows[PART.key]) for minute in found] == expected
    assert [minute.ends for minute in found] == [None, None, BEGINS + sum(expected)]
    starts = np.concatenate([minute.windows[PART.key].starts for minute in found])
    assert np.array_equal(starts, BEGINS + np.arange(sum(expected)))
    assert np.array_equal(found[0].windows[PART.key].ends, starts[:4] + 1)


def test_the_header_may_say_where_in_the_last_second_they_end(tmp_path):
    path = video(tmp_path / "a.mp4", 26)
    for stated, ends in ((2.75, 2.75), (2.4, 3.5), (3.6, 3.5), (None, 3.5)):
        assert minutes(path, stated=stated)[-1].ends == ends


def test_minutes_do_not_depend_on_the_first(tmp_path):
    path = video(tmp_path / "a.mp4", 83)  # the last second is cut off, and not the first
    whole = minutes(path)
    for first in (1, 2):
        later = minutes(path, first)
        kept = [minute for minute in whole if minute.number >= first]
        assert [m.number for m in later] in ([m.number for m in kept], []), "a minute without anything need not be told"
        for ours, theirs in zip(later, kept, strict=False):
            assert np.array_equal(ours.windows[PART.key].vectors, theirs.windows[PART.key].vectors)
            assert ours.ends == theirs.ends


def test_behind_the_end_there_is_nothing_and_a_recording_is_refused(tmp_path):
    assert minutes(video(tmp_path / "a.mp4", 20), first=3) == []
    soundfile.write(tmp_path / "a.wav", np.full(4000, 0.1), 8000)
    with pytest.raises(AbsentError, match="no picture in it"):
        minutes(tmp_path / "a.wav")
