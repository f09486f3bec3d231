"""A modality that a file does not have is no damage: `AbsentError`, and only where the other one is there."""

import struct
from functools import partial

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from heterophony.errors import AbsentError, MediaError
from heterophony.media import Form, Limits, SoundStream, SoundStreams, iter_seconds, run_in_workers


def sound(path):
    list(SoundStream(path, 16_000))


def pictures(path):
    list(iter_seconds(path, (0.0,), 16, "crop"))


def raised(read, path):
    with pytest.raises(MediaError, match=path.name) as caught:
        read(path)
    return type(caught.value)


def still(path):
    Image.fromarray(np.full((20, 30, 3), 77, np.uint8)).save(path)
    return path


def subtitles(path, *, cover=None):
    """Matroska by hand: a track of subtitles, and nothing else."""

    def element(name, body):
        return bytes.fromhex(name) + struct.pack(">Q", len(body) | 1 << 56) + body

    track = element("D7", b"\1") + element("73C5", b"\1") + element("83", b"\x11") + element("86", b"S_TEXT/UTF8")
    cluster = element("E7", b"\0") + element("A3", b"\x81\0\0\x80words")
    info = element("2AD7B1", struct.pack(">I", 1_000_000))
    body = element("1549A966", info) + element("1654AE6B", element("AE", track)) + element("1F43B675", cluster)
    path.write_bytes(element("1A45DFA3", element("4282", b"matroska")) + element("18538067", body))
    return path


def with_cover(path, tmp_path):
    """Adds a picture to an MP3 by hand, as players do."""
    picture = b"\0image/png\0\3\0" + still(tmp_path / "cover.png").read_bytes()
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\3\0\0" + size + frame + path.read_bytes())
    return path


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.avi", "v.mpg", "v.wav"])
def test_a_video_without_sound_lacks_the_sound(tmp_path, video_file, name):
    path = video_file(tmp_path / "v.mp4") if name == "v.wav" else video_file(tmp_path / name)
    assert raised(sound, path.rename(tmp_path / name)) is AbsentError
    pictures(tmp_path / name)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".gif", ".webp"])
def test_a_picture_lacks_the_sound_whatever_it_is_called(tmp_path, suffix):
    path = still(tmp_path / f"p{suffix}").rename(tmp_path / "p.wav")
    assert raised(sound, path) is AbsentError
    assert raised(lambda path: list(SoundStreams(path, [Form(8000, 2)])), path) is AbsentError
    pictures(path)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".aiff"])
def test_a_recording_lacks_the_picture(tmp_path, recordings, suffix):
    (tmp_path / f"a{suffix}").write_bytes(recordings[suffix])
    assert raised(pictures, tmp_path / f"a{suffix}") is AbsentError


def test_a_recording_that_only_libsndfile_knows_lacks_the_picture(tmp_path, tone):
    soundfile.write(tmp_path / "a.sf", tone(), 44_100, format="IRCAM")
    assert raised(pictures, tmp_path / "a.sf") is AbsentError


def test_the_cover_of_a_recording_is_no_picture(tmp_path, recordings, tone):
    (tmp_path / "a.mp3").write_bytes(recordings[".mp3"])
    path = with_cover(tmp_path / "a.mp3", tmp_path)
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["audio", "video"]
    assert raised(pictures, path) is AbsentError
    sound(path)


def test_a_cover_alone_is_neither(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"")
    path = with_cover(tmp_path / "a.mp3", tmp_path)
    path.write_bytes(path.read_bytes() + bytes(3000))
    assert (raised(sound, path), raised(pictures, path)) == (MediaError, MediaError)


def test_words_alone_are_neither(tmp_path):
    path = subtitles(tmp_path / "s.mkv")
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["subtitle"]
    assert (raised(sound, path), raised(pictures, path)) == (MediaError, MediaError)


@pytest.mark.parametrize(
    "content", [b"this is text\n" * 100, b"\x89PNG\r\n\x1a\n" + bytes(200), b"GIF89a", bytes(9000)]
)
@pytest.mark.parametrize("name", ["t.wav", "t.mp4", "t.mp3", "t.png"])
def test_what_is_nothing_is_damaged_and_not_absent(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    assert (raised(sound, tmp_path / name), raised(pictures, tmp_path / name)) == (MediaError, MediaError)


def test_damage_of_the_one_is_not_absence_of_the_other(tmp_path, video_file):
    content = bytearray(video_file(tmp_path / "v.mkv", sound="flac").read_bytes())
    at = content.index(b"fLaC")
    content[at : at + 42] = bytes(42)
    (tmp_path / "v.mkv").write_bytes(content)
    assert raised(sound, tmp_path / "v.mkv") is MediaError
    pictures(tmp_path / "v.mkv")


def test_a_picture_beyond_the_limit_is_refused_and_not_absent(tmp_path):
    path = still(tmp_path / "p.png")
    small = Limits(max_pixels=100)
    for read in (partial(SoundStream, path, 16_000, small), lambda: iter_seconds(path, (0.0,), 16, "crop", small)):
        assert raised(lambda _, read=read: list(read()), path) is MediaError


def test_the_error_travels_between_processes(tmp_path, recordings):
    (tmp_path / "a.wav").write_bytes(recordings[".wav"])
    still(tmp_path / "p.png")
    streams = [SoundStreams(tmp_path / name, [Form(16_000)]) for name in ("a.wav", "p.png", "none.wav")]
    outcomes = dict(run_in_workers(list, streams, workers=1, limits=Limits()))
    assert [type(outcomes[number]) for number in range(3)] == [list, AbsentError, MediaError]
    assert str(outcomes[1]) == f"{tmp_path / 'p.png'}: no sound in it, only video"
