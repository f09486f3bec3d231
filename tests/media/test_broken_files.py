"""Broken files: each ends in exactly one of ok, partial, refused; what is said is true; nothing is printed."""

import io
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from heterophony.errors import MediaError
from heterophony.media import Limits, SoundStream, read_tags


def verdict(path, limits=None):
    """The contract: (status, reason), and finite float32 blocks unless refused."""
    stream = SoundStream(path, 16_000, limits)
    try:
        samples = np.concatenate(list(stream))
    except MediaError as error:
        if not str(error).startswith(str(path)):
            pytest.fail(f"the reason does not name the file: {error}")
        return "refused", str(error)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert stream.seconds >= 0.01
    assert abs(len(samples) - 16_000 * stream.seconds) <= 1
    return ("partial", stream.note) if stream.note else ("ok", "")


def id3_only():
    frame = b"TIT2" + struct.pack(">I", 5) + b"\0\0\0abcd"
    return b"ID3\3\0\0\0\0\2\1" + frame + bytes(300)


REFUSED = {
    "empty.wav": (lambda wav: b"", r"is empty \(0 bytes\)"),
    "text.wav": (lambda wav: b"this is text\n" * 100, "no format that it knows"),
    "text.mp3": (lambda wav: b"this is text\n" * 100, "no MPEG frame found"),
    "page.mp3": (lambda wav: b"<!DOCTYPE html><html>404</html>", "cannot be decoded"),
    "noise.mp3": (lambda wav: np.random.default_rng(0).bytes(50_000), "cannot be decoded"),
    "zeros.mp3": (lambda wav: bytes(50_000), "cannot be decoded"),
    "tag.mp3": (lambda wav: id3_only(), "no MPEG frame found"),
    "head.wav": (lambda wav: wav()[:30], "No 'data' chunk marker"),
    "nothing.wav": (lambda wav: wav(b""), "no samples"),
    "one.wav": (lambda wav: wav(b"\1\0"), r"1 samples \(6\.25e-05 s\) is too short"),
    "no_rate.wav": (lambda wav: wav(rate_hz=0), r"impossible rate \(0 Hz\?\)"),
    "high_rate.wav": (lambda wav: wav(rate_hz=2_000_000), r"a rate of 2000000 Hz; 1 to 768000 Hz"),
    "no_channel.wav": (lambda wav: wav(channels=0), "Channel count is zero"),
    "channels_200.wav": (lambda wav: wav(b"\1\0" * 20_000, channels=200), "200 channels; 1 to 128"),
    "nan.wav": (lambda wav: wav(np.full(9000, np.nan, "<f4").tobytes(), bits=32, form=3), "none of its 9000 samples"),
    "playlist.m3u8": (lambda wav: b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nok.wav\n", "cannot be decoded"),
    "list.ffconcat": (lambda wav: b"ffconcat version 1.0\nfile ok.wav\n", "cannot be decoded"),
}
PARTIAL = {
    "cut.wav": (lambda wav: wav()[:16_044], r"^header promises 1\.0 s, 0\.5 s decoded$"),
    "lie.wav": (lambda wav: wav(size=16_000 * 2 * 3600 * 20), r"^header promises 72000\.0 s, 1\.0 s decoded$"),
    "silent.wav": (lambda wav: wav(bytes(32_000)), "^digital silence$"),
}
OK = {
    "pipe_ffmpeg.wav": lambda wav: wav(size=0xFFFFFFFF),
    "pipe_sox.wav": lambda wav: wav(size=0x7FFFF000),
    "pipe_zero.wav": lambda wav: wav(size=0),
    "sound.txt": lambda wav: wav(),
    "alaw.wav": lambda wav: wav(b"\x55\x10" * 8000, bits=8, form=6),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_recording_is_refused_with_the_reason(tmp_path, wav_bytes, name):
    make, reason = REFUSED[name]
    (tmp_path / "ok.wav").write_bytes(wav_bytes())
    (tmp_path / name).write_bytes(make(wav_bytes))
    status, said = verdict(tmp_path / name)
    assert status == "refused"
    assert re.search(reason, said), said


@pytest.mark.parametrize("name", PARTIAL)
def test_what_is_not_whole_is_partial_with_the_reason(tmp_path, wav_bytes, name):
    make, reason = PARTIAL[name]
    (tmp_path / name).write_bytes(make(wav_bytes))
    status, said = verdict(tmp_path / name)
    assert status == "partial"
    assert re.search(reason, said), said


@pytest.mark.parametrize("name", OK)
def test_headers_that_do_not_know_the_length_are_believed_in_nothing_else(tmp_path, wav_bytes, name):
    (tmp_path / name).write_bytes(OK[name](wav_bytes))
    assert verdict(tmp_path / name) == ("ok", "")


@pytest.mark.parametrize(
    ("suffix", "reason"),
    [
        (".wav", "header promises"),
        (".aiff", "header promises"),
        (".flac", "header promises.*lost sync"),
        (".mp3", "header promises"),
        (".ogg", "the file ends before its Ogg stream does"),
    ],
)
def test_a_file_cut_in_the_middle_is_partial_in_every_format(tmp_path, recordings, suffix, reason):
    content = recordings[suffix]
    (tmp_path / f"a{suffix}").write_bytes(content[: len(content) * 2 // 3])
    status, said = verdict(tmp_path / f"a{suffix}")
    assert status == "partial"
    assert re.search(reason, said), said


def test_a_video_cut_in_the_middle_is_partial_and_one_without_its_index_refused(tmp_path, video_file):
    for name, expected in (("v.mkv", "partial"), ("v.mp4", "refused")):
        content = video_file(tmp_path / name, sound="aac").read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
        assert verdict(tmp_path / name)[0] == expected


def test_pictures_without_sound_are_refused(tmp_path, video_file):
    status, said = verdict(video_file(tmp_path / "v.mp4"))
    assert (status, "no sound in it, only video" in said) == ("refused", True)


def test_what_is_no_file_is_refused(tmp_path):
    assert "not a regular file" in verdict(tmp_path)[1]
    assert "not a regular file" in verdict(Path("/dev/zero"))[1]
    assert "cannot be opened (No such file" in verdict(tmp_path / "none.wav")[1]
    (tmp_path / "a.wav").symlink_to(tmp_path / "a.wav")
    assert "cannot be opened (Too many levels" in verdict(tmp_path / "a.wav")[1]


def test_a_file_beyond_the_limit_of_size_is_refused(tmp_path, wav_bytes):
    (tmp_path / "a.wav").write_bytes(wav_bytes())
    status, said = verdict(tmp_path / "a.wav", Limits(max_bytes=1000))
    assert (status, said) == ("refused", f"{tmp_path / 'a.wav'}: 32044 bytes; at most 1000 are read")


def test_nothing_is_printed_by_the_libraries(tmp_path, wav_bytes, recordings, capfd):
    for name, (make, _) in REFUSED.items():
        (tmp_path / name).write_bytes(make(wav_bytes))
        verdict(tmp_path / name)
        read_tags(tmp_path / name)
    damaged = bytearray(recordings[".mp3"])
    damaged[4000:7000] = b"\xa5" * 3000
    (tmp_path / "damaged.mp3").write_bytes(damaged)
    assert verdict(tmp_path / "damaged.mp3")[0] == "partial"
    assert capfd.readouterr() == ("", "")


def short_recordings():
    """A tenth of a second in each format, as bytes."""
    samples = (0.3 * np.sin(np.arange(4410) / 16)).astype(np.float32)
    for form, subtype in (("WAV", "PCM_16"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", None)):
        file = io.BytesIO()
        soundfile.write(file, samples, 44_100, format=form, subtype=subtype)
        yield file.getvalue()


SHORT = list(short_recordings())


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.sampled_from(SHORT), st.floats(0, 1), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8))
def test_any_damage_ends_in_exactly_one_of_ok_partial_refused(tmp_path_factory, content, kept, changes):
    damaged = bytearray(content[: round(len(content) * max(kept, 0.02))])
    for place, value in changes:
        damaged[int(place * (len(damaged) - 1))] = value
    path = tmp_path_factory.getbasetemp() / "damaged.bin"
    path.write_bytes(damaged)
    status, reason = verdict(path)
    assert status in {"ok", "partial", "refused"}
    assert (status == "ok") == (reason == "")
    read_tags(path)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=400), st.sampled_from([b"RIFF", b"fLaC", b"OggS", b"ID3\3", b"\xff\xfb\x90d", b"FORM", b""]))
def test_any_bytes_end_in_exactly_one_of_ok_partial_refused(tmp_path_factory, content, magic):
    path = tmp_path_factory.getbasetemp() / "bytes.bin"
    path.write_bytes(magic + content)
    assert verdict(path)[0] in {"ok", "partial", "refused"}
