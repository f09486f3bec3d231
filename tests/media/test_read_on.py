"""Headers that state too short a length, or guess one: all that is there is read."""

import av
import numpy as np
import pytest
import soundfile

from heterophony.media import SoundStream, sound_length
from heterophony.media.ffmpeg_source import open_with_ffmpeg
from heterophony.media.limits import Limits


def decode(path, rate_hz=44_100):
    stream = SoundStream(path, rate_hz)
    return np.concatenate(list(stream)), stream


def mp3(path, seconds, kbps, hz, *, contents):
    """A tone as MP3 with or without a first frame that states the length."""
    options = {"write_xing": str(int(contents)), "id3v2_version": "0"}
    with av.open(str(path), "w", format="mp3", options=options) as container:
        stream = container.add_stream("libmp3lame", rate=44_100, layout="mono")
        stream.bit_rate = 1000 * kbps
        tone = 0.3 * np.sin(2 * np.pi * hz * np.arange(seconds * 44_100) / 44_100)
        frame = av.AudioFrame.from_ndarray(tone.astype(np.float32)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 44_100, 0
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=44_100, frame_size=1152)
        for part in resampler.resample(frame) + resampler.resample(None):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize(("first", "then"), [(256, 32), (32, 256)])
def test_an_mp3_of_changing_bit_rate_without_contents_is_read_to_its_end(tmp_path, loudest_hz, first, then):
    low, high = (mp3(tmp_path / "x", 4, kbps, hz, contents=False) for kbps, hz in ((first, 440), (then, 1000)))
    (tmp_path / "a.mp3").write_bytes(low + high)
    samples, stream = decode(tmp_path / "a.mp3")
    assert stream.note == ""
    assert abs(stream.seconds - 8) < 0.15
    assert (round(loudest_hz(samples[: 3 * 44_100], 44_100)), round(loudest_hz(samples[-3 * 44_100 :], 44_100))) == (
        440,
        1000,
    )


def test_mp3s_joined_end_to_end_are_read_to_the_last(tmp_path, loudest_hz):
    parts = [mp3(tmp_path / "x", 2, 64, hz, contents=True) for hz in (440, 700, 1000)]
    (tmp_path / "a.mp3").write_bytes(b"".join(parts))
    samples, stream = decode(tmp_path / "a.mp3")
    assert (stream.note, abs(stream.seconds - 6) < 0.3) == ("", True)
    assert round(loudest_hz(samples[-44_100:], 44_100)) == 1000


def test_both_decoders_of_mp3_agree_to_the_sample_so_that_one_can_follow_the_other(tmp_path):
    (tmp_path / "a.mp3").write_bytes(mp3(tmp_path / "x", 3, 64, 440, contents=True))
    samples, _ = decode(tmp_path / "a.mp3")
    with open_with_ffmpeg(tmp_path / "a.mp3", Limits()) as source:
        other = np.concatenate([block[:, 0] for block in source.blocks])
    assert len(samples) == len(other)
    assert np.abs(samples - other).max() < 1e-5


def test_tags_behind_the_sound_are_not_sound(tmp_path):
    content = mp3(tmp_path / "x", 2, 64, 440, contents=True)
    (tmp_path / "a.mp3").write_bytes(content)
    (tmp_path / "b.mp3").write_bytes(content + b"APETAGEX" + bytes(20_000) + b"TAG" + bytes(125))
    (alone, _), (tagged, stream) = decode(tmp_path / "a.mp3"), decode(tmp_path / "b.mp3")
    assert stream.note == ""
    assert np.array_equal(alone, tagged)


def flac(path, stated):
    """Two seconds whose header states so many samples: 36 bits that end 26 bytes into the file."""
    noise = np.random.default_rng(0).integers(-8000, 8000, 88_200).astype(np.int16)
    soundfile.write(path, noise, 44_100)
    content = bytearray(path.read_bytes())
    fields = int.from_bytes(content[18:26], "big")
    assert fields & (2**36 - 1) == 88_200
    content[18:26] = (fields >> 36 << 36 | stated).to_bytes(8, "big")
    path.write_bytes(content)
    return noise / np.float32(2**15)


@pytest.mark.parametrize("stated", [0, 10, 30_000, 88_199, 88_200])
def test_a_flac_that_states_too_little_or_nothing_is_read_bit_by_bit(tmp_path, stated):
    noise = flac(tmp_path / "a.flac", stated)
    samples, stream = decode(tmp_path / "a.flac")
    assert stream.note == ""
    assert np.array_equal(samples, noise[: len(samples)])
    assert len(samples) >= 88_199


def test_a_wav_whose_size_went_around_is_read_bit_by_bit(tmp_path, wav_bytes, monkeypatch):
    noise = np.random.default_rng(0).integers(-8000, 8000, 100_000).astype("<i2")
    (tmp_path / "a.wav").write_bytes(wav_bytes(noise.tobytes(), 44_100, size=20_000))
    assert len(decode(tmp_path / "a.wav")[0]) == 10_000  # what follows the data of a small file is not sound
    monkeypatch.setitem(sound_length._TAGS_AT_MOST, "WAV", 2**16)  # as if WAV counted modulo 2^17
    samples, stream = decode(tmp_path / "a.wav")
    assert stream.note == ""
    assert np.array_equal(samples, noise / np.float32(2**15))


def test_a_name_does_not_make_text_a_recording(tmp_path):
    for suffix in (".vox", ".gsm", ".raw", ".au", ".pcm"):
        (tmp_path / f"a{suffix}").write_bytes(b"this is text\n" * 1000)
        with pytest.raises(Exception, match="no format that it knows"):
            decode(tmp_path / f"a{suffix}")


def test_an_mp3_that_begins_with_something_else_is_read(tmp_path):
    content = mp3(tmp_path / "x", 2, 64, 440, contents=True)
    (tmp_path / "a.mp3").write_bytes(b"junk" * 1000 + content)
    _, stream = decode(tmp_path / "a.mp3")
    assert (stream.note, stream.seconds) == ("", 2.0)
