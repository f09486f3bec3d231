"""A stretch of a recording is what its file would give if it held nothing else."""

import numpy as np
import pytest
import soundfile

from heterophony.errors import AbsentError, MediaError
from heterophony.media import Form, Limits, SoundStreams, sound_streams
from heterophony.media.opening import open_source

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


EXACT = {"wav": "PCM_16", "flac": "PCM_24", "aiff": "PCM_24", "w64": "FLOAT", "au": "ULAW", "ogg": "VORBIS"}
STRETCHES = [(0.5, 1.0), (3.21, 4.4), (7.9, 9.0), (9.95, 12.0)]


@pytest.fixture(scope="module")
def long_noise():
    """Ten seconds at 11,025 Hz in two channels, loud and soft in turn."""
    noise = np.random.default_rng(1).normal(0, 0.2, (110_250, 2))
    return (noise * np.sin(np.arange(len(noise)) / 9000)[:, None]).astype(np.float32)


def skipped(path, start):
    with open_source(path, Limits(), start) as source:
        return source.skipped


def from_the_beginning(path, monkeypatch, stretches):
    with monkeypatch.context() as patch:
        patch.setattr(sound_streams, "open_source", lambda path, limits, start: open_source(path, limits))
        return [heard(path, stretch)[0] for stretch in stretches]


@pytest.mark.parametrize("suffix", [*EXACT, "mp3", "opus", "adpcm"])
def test_samples_are_those_decoded_from_the_beginning(tmp_path, long_noise, suffix, monkeypatch):
    form, subtype, rate_hz = {
        "mp3": ("MP3", "MPEG_LAYER_III", 11_025),
        "opus": ("OGG", "OPUS", 12_000),
        "adpcm": ("WAV", "IMA_ADPCM", 11_025),
    }.get(suffix, (suffix.upper(), EXACT.get(suffix), 11_025))
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, long_noise, rate_hz, format=form, subtype=subtype)
    near = [heard(path, stretch)[0] for stretch in STRETCHES[:3]]
    for ours, theirs in zip(near, from_the_beginning(path, monkeypatch, STRETCHES[:3]), strict=True):
        assert np.array_equal(ours, theirs)
    assert [skipped(path, start) for start in (0.0, 3.21)] == [0, round(3.21 * rate_hz) * (suffix in EXACT)]
    assert skipped(path, 20.0) == 0, "behind the end that the header states decoding tells what there is"


def test_sound_of_videos_is_decoded_from_the_beginning(tmp_path, video_file, monkeypatch):
    for name, sound in (("a.mp4", "aac"), ("a.webm", "libopus")):
        path = video_file(tmp_path / name, sound=sound, picture=None)
        (near,) = (heard(path, (0.5, 1.5))[0],)
        assert np.array_equal(near, from_the_beginning(path, monkeypatch, [(0.5, 1.5)])[0])
        assert skipped(path, 0.5) == 0


def test_a_damaged_ogg_and_a_cut_flac_are_decoded_from_the_beginning(tmp_path, long_noise, monkeypatch):
    soundfile.write(tmp_path / "a.ogg", long_noise, 11_025)
    content = bytearray((tmp_path / "a.ogg").read_bytes())
    content[len(content) // 3] ^= 255
    (tmp_path / "a.ogg").write_bytes(content)
    soundfile.write(tmp_path / "a.flac", long_noise, 11_025)
    content = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(content[: len(content) // 2])
    assert skipped(tmp_path / "a.ogg", 6.0) == 0
    assert skipped(tmp_path / "a.flac", 8.0) == 0
    for name in ("a.ogg", "a.flac"):
        (near,) = (heard(tmp_path / name, (3.0, 4.0))[0],)
        assert np.array_equal(near, from_the_beginning(tmp_path / name, monkeypatch, [(3.0, 4.0)])[0])
    with pytest.raises(MediaError, match="too short"):
        heard(tmp_path / "a.flac", (8.0, 9.0))
