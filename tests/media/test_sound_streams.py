"""One decoding for several forms: each form gives what it would give alone."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from heterophony.errors import MediaError
from heterophony.media import Form, Limits, SoundStream, SoundStreams
from heterophony.media.opening import open_source

FORMS = (Form(16_000), Form(48_000, 2), Form(44_100), Form(44_100, 2), Form(32_000, 2), Form(48_000))


def decode(path, forms, limits=None):
    """The samples of every form, and the stream after the iteration."""
    stream = SoundStreams(path, forms, limits)
    blocks = [[] for _ in forms]
    for index, block in stream:
        assert block.dtype == np.float32
        assert 0 < len(block) <= 10 * forms[index].rate_hz
        blocks[index].append(block)
    return [np.concatenate(each) for each in blocks], stream


@pytest.fixture(scope="module")
def file_with(tmp_path_factory):
    """25 seconds of noise with so many channels, as 32-bit floats at 44.1 kHz."""

    def write(channels):
        path = tmp_path_factory.mktemp("noise") / f"{channels}.wav"
        noise = np.random.default_rng(channels).uniform(-0.5, 0.5, (25 * 44_100 + 7, channels)).astype(np.float32)
        soundfile.write(path, noise, 44_100, subtype="FLOAT")
        return path, noise

    return write


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_a_form_does_not_depend_on_the_others(file_with, channels):
    path, _ = file_with(channels)
    together, stream = decode(path, FORMS)
    backwards, _ = decode(path, FORMS[::-1])
    for number, form in enumerate(FORMS):
        (alone,), one = decode(path, [form])
        convenient = np.concatenate(list(SoundStream(path, form.rate_hz, channels=form.channels)))
        assert together[number].tobytes() == alone.tobytes() == convenient.tobytes() == backwards[-1 - number].tobytes()
        assert (one.note, one.seconds) == (stream.note, stream.seconds) == ("", 25 + 7 / 44_100)


def test_two_channels_are_left_and_right_of_one_shot_resampling(file_with):
    for channels in (2, 3):
        path, noise = file_with(channels)
        (same, other), _ = decode(path, [Form(44_100, 2), Form(32_000, 2)])
        assert np.array_equal(same, noise[:, :2])
        np.testing.assert_allclose(other, soxr.resample(noise[:, :2], 44_100, 32_000, "HQ"), rtol=0, atol=1e-7)


def test_one_channel_twice_is_what_two_channels_of_a_mono_file_are(file_with):
    path, noise = file_with(1)
    (mono, pair, same), _ = decode(path, [Form(48_000), Form(48_000, 2), Form(44_100, 2)])
    assert np.array_equal(pair, np.stack([mono, mono], axis=1))
    assert np.array_equal(same, np.repeat(noise, 2, axis=1))


def test_each_channel_of_two_is_resampled_as_if_it_were_alone(tmp_path, file_with):
    path, noise = file_with(2)
    soundfile.write(tmp_path / "left.wav", noise[:, 0], 44_100, subtype="FLOAT")
    ((pair,), _), ((left,), _) = decode(path, [Form(16_000, 2)]), decode(tmp_path / "left.wav", [Form(16_000)])
    assert np.array_equal(pair[:, 0], left)


def test_the_same_form_twice_is_given_twice(file_with):
    path, _ = file_with(2)
    (first, second), _ = decode(path, [Form(16_000, 2)] * 2)
    assert np.array_equal(first, second)


def test_the_file_is_opened_once_and_blocks_of_all_forms_come_side_by_side(file_with, monkeypatch):
    path, _ = file_with(2)
    opened = []

    def count(which, limits, start):
        opened.append(which)
        return open_source(which, limits, start)

    monkeypatch.setattr("heterophony.media.sound_streams.open_source", count)
    order = [index for index, _ in SoundStreams(path, FORMS)]
    assert opened == [path]
    runs = [index for index, _ in itertools.groupby(order)]
    assert len(runs) > 10 * len(FORMS)  # no form waits for another to end


def test_broken_samples_of_one_channel_leave_the_other_alone(tmp_path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (4000, 2)).astype(np.float32)
    broken = noise.copy()
    broken[100:110, 0], broken[200:205, 1] = np.nan, np.inf
    soundfile.write(tmp_path / "a.wav", broken, 16_000, subtype="FLOAT")
    (pair, mono), stream = decode(tmp_path / "a.wav", [Form(16_000, 2), Form(16_000)])
    assert stream.note == "15 of 4000 samples not finite, set to zero"
    noise[100:110, 0], noise[200:205, 1] = 0, 0
    assert np.array_equal(pair, noise)
    assert not mono[100:110].any()


def test_channels_that_cancel_are_silent_as_a_mean_only(tmp_path, tone):
    soundfile.write(tmp_path / "a.wav", np.stack([tone(1.0), -tone(1.0)], axis=1), 44_100, subtype="FLOAT")
    (mono, pair), stream = decode(tmp_path / "a.wav", [Form(44_100), Form(44_100, 2)])
    assert stream.note == "digital silence, because the channels cancel each other"
    assert (np.abs(mono).max(), round(float(np.abs(pair).max()), 3)) == (0, 0.3)


@pytest.mark.parametrize("forms", [[Form(16_000)], [Form(48_000, 2)], list(FORMS)])
def test_verdicts_do_not_depend_on_the_forms(tmp_path, wav_bytes, forms):
    contents = {
        "short": wav_bytes(b"\1\0" * 159),
        "nan": wav_bytes(np.full(9000, np.nan, "<f4").tobytes(), bits=32, form=3),
    }
    for name, reason in (("short", "too short"), ("nan", "none of its 9000 samples")):
        (tmp_path / name).write_bytes(contents[name])
        with pytest.raises(MediaError, match=reason):
            decode(tmp_path / name, forms)
    (tmp_path / "long").write_bytes(wav_bytes())
    samples, stream = decode(tmp_path / "long", forms, Limits(max_seconds=0.5))
    assert (stream.note, stream.seconds) == ("only the first 0.5 s read", 0.5)
    assert [len(each) for each in samples] == [form.rate_hz // 2 for form in forms]


def test_impossible_forms_are_refused():
    with pytest.raises(ValueError, match="at least 1 Hz and 1 or 2 channels wanted, 0 Hz and 1 came"):
        Form(0)
    with pytest.raises(ValueError, match="at least one form"):
        SoundStreams(Path("a.wav"), [])
