"""Decoding, mixing and resampling of whole recordings: analytic tones and outside references."""

import tracemalloc

import numpy as np
import pytest
import soundfile
import soxr

from heterophony.errors import MediaError
from heterophony.media import Limits, SoundStream


def decode(path, rate_hz=16_000, limits=None):
    stream = SoundStream(path, rate_hz, limits)
    blocks = list(stream)
    assert all(block.dtype == np.float32 and 0 < len(block) <= 10 * rate_hz for block in blocks)
    return np.concatenate(blocks), stream


def write(path, samples, rate_hz=44_100, subtype="FLOAT"):
    soundfile.write(path, samples, rate_hz, subtype=subtype)
    return path


def test_a_tone_keeps_its_pitch_height_and_length_at_another_rate(tmp_path, tone):
    path = write(tmp_path / "a.wav", np.stack([tone(3.0), 0.5 * tone(3.0)], axis=1))
    samples, stream = decode(path)
    assert len(samples) == 48_000
    assert (stream.seconds, stream.note) == (3.0, "")
    expected = 0.75 * tone(3.0, 16_000)
    assert np.abs(samples - expected)[200:-200].max() < 1e-4


def test_the_stream_equals_one_shot_resampling_of_the_mean(tmp_path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (100_001, 3)).astype(np.float32)
    samples, _ = decode(write(tmp_path / "a.wav", noise))
    whole = ((noise[:, 0] + noise[:, 1]) + noise[:, 2]) * np.float32(1 / 3)
    np.testing.assert_allclose(samples, soxr.resample(whole, 44_100, 16_000, "HQ"), rtol=0, atol=1e-7)


def test_the_rate_of_the_file_is_passed_through_bit_by_bit(tmp_path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 50_000).astype(np.float32)
    samples, _ = decode(write(tmp_path / "a.wav", noise, 16_000))
    assert np.array_equal(samples, noise)


def test_decoding_twice_gives_the_same_bytes(tmp_path, recordings):
    for suffix, content in recordings.items():
        (tmp_path / f"a{suffix}").write_bytes(content)
        stream = SoundStream(tmp_path / f"a{suffix}", 16_000)
        assert b"".join(block.tobytes() for block in stream) == b"".join(block.tobytes() for block in stream)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".aiff"])
def test_every_format_gives_the_same_four_seconds(tmp_path, recordings, tone, suffix):
    (tmp_path / "a.dat").write_bytes(recordings[suffix])
    samples, stream = decode(tmp_path / "a.dat")
    assert (stream.note, stream.seconds, len(samples)) == ("", 4.0, 64_000)
    assert np.abs(samples - 0.75 * tone(4.0, 16_000))[1000:-1000].max() < 0.01


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".aiff"])
def test_reading_in_blocks_gives_the_samples_of_reading_at_once(tmp_path, recordings, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(recordings[suffix])
    whole, _ = soundfile.read(path, dtype="float32")
    assert np.array_equal(decode(path, 44_100)[0], (whole[:, 0] + whole[:, 1]) * np.float32(0.5))


@pytest.mark.parametrize(
    ("name", "codec", "picture"),
    [("a.m4a", "aac", None), ("a.aac", "aac", None), ("a.webm", "libopus", None), ("a.mp4", "aac", "mpeg4")],
)
def test_what_libsndfile_cannot_read_ffmpeg_does(tmp_path, video_file, loudest_hz, name, codec, picture):
    samples, stream = decode(video_file(tmp_path / name, sound=codec, picture=picture))
    assert stream.note == ""
    assert abs(stream.seconds - 2.0) < 0.07  # codecs pad to whole frames
    assert abs(loudest_hz(samples, 16_000) - 440) < 1
    assert abs(samples[8000:24_000].std() - 0.3 / 2**0.5) < 0.02


@pytest.mark.parametrize(("bits", "form", "kind"), [(8, 1, "u1"), (16, 1, "<i2"), (32, 1, "<i4"), (64, 3, "<f8")])
def test_both_decoders_read_the_same_samples(tmp_path, wav_bytes, tone, bits, form, kind, monkeypatch):
    wanted = tone(0.5, 16_000)
    scaled = {"u1": wanted * 128 + 128, "<i2": wanted * 2**15, "<i4": wanted.astype(float) * 2**31, "<f8": wanted}[kind]
    (tmp_path / "a.wav").write_bytes(wav_bytes(scaled.astype(kind).tobytes(), bits=bits, form=form))
    ours, _ = decode(tmp_path / "a.wav")

    def refuse(file):
        raise ValueError("not this one")

    monkeypatch.setattr(soundfile, "SoundFile", refuse)
    theirs, _ = decode(tmp_path / "a.wav")
    assert np.array_equal(ours, theirs)
    assert np.abs(ours - wanted).max() <= 2.0 ** (1 - min(bits, 23))


@pytest.mark.parametrize(("channels", "rate_hz"), [(96, 16_000), (1, 384_000), (128, 8000), (1, 100), (2, 1)])
def test_unusual_channels_and_rates_are_read(tmp_path, wav_bytes, channels, rate_hz):
    data = np.full((20 * rate_hz if rate_hz < 1000 else rate_hz, channels), 2**14, "<i2")
    (tmp_path / "a.wav").write_bytes(wav_bytes(data.tobytes(), rate_hz, channels))
    samples, stream = decode(tmp_path / "a.wav")
    assert stream.note == ""
    assert len(samples) == 16_000 * stream.seconds
    assert abs(np.median(samples) - 0.5) < 1e-3  # a constant stays constant


def test_broken_samples_become_zero_and_are_counted(tmp_path, tone):
    samples = tone(1.0, 16_000).copy()
    samples[:12] = [np.nan, np.inf, -np.inf, 1e30, -1e30, 2e6, np.nan, np.nan, np.inf, np.nan, np.nan, np.nan]
    decoded, stream = decode(write(tmp_path / "a.wav", samples, 16_000))
    assert stream.note == "12 of 16000 samples not finite, set to zero"
    assert np.array_equal(decoded[12:], samples[12:])
    assert not decoded[:12].any()


def test_what_is_longer_than_the_limit_is_cut_and_said(tmp_path, tone):
    samples, stream = decode(write(tmp_path / "a.wav", tone(3.0)), limits=Limits(max_seconds=1.5))
    assert (len(samples), stream.seconds, stream.note) == (24_000, 1.5, "only the first 1.5 s read")
    exact, stream = decode(write(tmp_path / "b.wav", tone(1.5)), limits=Limits(max_seconds=1.5))
    assert (len(exact), stream.note) == (24_000, "")


def test_twenty_hours_are_streamed_in_bounded_memory(tmp_path, wav_bytes):
    frames = 20 * 3600 * 400
    with (tmp_path / "long.wav").open("wb") as file:  # a file with a hole: nothing on disk, 128 is zero in 8 bits
        file.write(wav_bytes(b"\200" * 400, rate_hz=400, bits=8, size=frames))
        file.truncate(44 + frames)
    stream = SoundStream(tmp_path / "long.wav", 400)
    tracemalloc.start()
    try:
        total = sum(len(block) for block in stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (total, stream.seconds, stream.note) == (frames, 20 * 3600.0, "")
    assert peak < 4 * 2**20


def test_a_name_that_looks_like_an_address_is_a_file(tmp_path, video_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = video_file(tmp_path / "v.mp4", sound="aac").rename(tmp_path / "concat:Ünï |x.mp4")
    assert decode(path.relative_to(tmp_path))[1].note == ""


def test_a_consumer_may_stop_early(tmp_path, tone):
    stream = SoundStream(write(tmp_path / "a.wav", tone(3.0)), 16_000)
    assert len(next(iter(stream))) > 0
    assert sum(len(block) for block in stream) == 48_000


def test_a_recording_of_the_shortest_length_is_read_and_a_shorter_one_is_not(tmp_path):
    samples, _ = decode(write(tmp_path / "a.wav", np.full(160, 0.1), 16_000))
    assert len(samples) == 160
    with pytest.raises(MediaError, match=r"a\.wav: 159 samples \(0\.00994 s\) is too short; at least 0\.01 s"):
        decode(write(tmp_path / "a.wav", np.full(159, 0.1), 16_000))


@pytest.mark.shared_data
def test_real_recordings_decode_without_a_note(shared_data):
    for path in sorted((shared_data / "esc50_folds1to3" / "audio").glob("*.ogg"))[:20]:
        samples, stream = decode(path)
        assert stream.note == ""
        assert 5 <= len(samples) / 16_000 <= 8
