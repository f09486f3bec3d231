"""A stretch of a recording is what its file would give if it held nothing else."""

import numpy as np
import pytest
import soundfile

from heterophony.errors import AbsentError, MediaError
from heterophony.media import Form, SoundStreams

PAIR = Form(8_000, 2)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Three seconds of noise at 8 kHz in two channels."""
    path = tmp_path_factory.mktemp("stretch") / "noise.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, (24_000, 2)), 8_000, subtype="FLOAT")
    return path


def heard(path, stretch=None, form=PAIR):
    streams = SoundStreams(path, [form], stretch=stretch)
    return np.concatenate([block for _, block in streams]), streams


def test_stretches_that_meet_are_the_whole(recording):
    whole, _ = heard(recording)
    parts = [heard(recording, (second, second + 0.75))[0] for second in (0.0, 0.75, 1.5, 2.25)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_stretch_is_resampled_as_a_file_of_its_own(recording, tmp_path):
    samples, rate_hz = soundfile.read(recording, start=8_000, stop=16_000, dtype="float32")
    soundfile.write(tmp_path / "second.wav", samples, rate_hz, subtype="FLOAT")
    form = Form(5_000, 1)
    assert np.array_equal(heard(recording, (1.0, 2.0), form)[0], heard(tmp_path / "second.wav", None, form)[0])


def test_what_is_told_is_of_the_stretch(recording):
    _, streams = heard(recording, (1.0, 2.0))
    assert (streams.seconds, streams.note) == (1.0, "")
    _, streams = heard(recording, (2.5, 3.5))
    assert (streams.seconds, streams.note) == (0.5, ""), "the header promised no more"


def test_a_stretch_behind_the_end_is_refused_by_name(recording):
    with pytest.raises(MediaError, match=r"noise\.wav, 3 s to 4 s: 0 samples \(0 s\) is too short") as refused:
        heard(recording, (3.0, 4.0))
    assert not isinstance(refused.value, AbsentError)


def test_a_file_that_is_cut_off_is_told_in_the_stretch_that_lacks_something(recording, tmp_path):
    content = recording.read_bytes()
    (tmp_path / "cut.wav").write_bytes(content[: len(content) - 8_000])  # half a second of 2 x 8,000 floats is 32,000
    assert heard(tmp_path / "cut.wav", (0.0, 1.0))[1].note == ""
    assert "1.0 s, 0.9 s decoded" in heard(tmp_path / "cut.wav", (2.0, 3.0))[1].note
