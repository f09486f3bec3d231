"""Broken files: each ends in exactly one of ok, partial, refused; what is said is true; nothing is printed."""

import io
import os
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from heterophony.errors import AbsentError, MediaError
from heterophony.media import Form, Limits, SoundStream, SoundStreams, iter_seconds, read_tags, run_in_workers


def verdict(path, limits=None):
    """The contract: (status, reason), and finite float32 blocks unless refused."""
    stream = SoundStream(path, 16_000, limits)
    try:
        samples = np.concatenate(list(stream))
    except MediaError as error:
        if not str(error).startswith(str(path)):
            pytest.fail(f"the reason does not name the file: {error}")
        return "absent" if isinstance(error, AbsentError) else "refused", str(error)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert stream.seconds >= 0.01
    assert abs(len(samples) - 16_000 * stream.seconds) <= 1
    return ("partial", stream.note) if stream.note else ("ok", "")


def pictures(path):
    """The same of the pictures."""
    try:
        problems = []
        seconds = list(iter_seconds(path, (0.0, 0.5), 8, "crop", problems=problems))
    except AbsentError as error:
        return "absent", str(error)
    except MediaError as error:
        return "refused", str(error)
    assert seconds
    assert all((second.shape, second.dtype) == ((2, 8, 8, 3), np.uint8) for second in seconds)
    return ("partial", "; ".join(problems)) if problems else ("ok", "")


def ends(path):
    """All that a file gives."""
    try:
        content = b"".join(block.tobytes() for block in SoundStream(path, 16_000))
    except MediaError:
        content = None
    return verdict(path), pictures(path), read_tags(path), content


def test_every_file_ends_as_it_must_prints_nothing_and_changes_no_other(broken_files, capfd):
    found = {path: ends(path) for path in broken_files}
    wrong = {}
    for path, expected in broken_files.items():
        (sound, reason), (seen, why), _, _ = found[path]
        if (sound, seen) != (expected.sound, expected.pictures) or not re.search(expected.reason, reason, re.DOTALL):
            wrong[path.name] = f"{sound} ({reason}), {seen} ({why}) where {expected} is wanted"
    assert wrong == {}
    assert len(broken_files) > 100
    assert found == {path: ends(path) for path in reversed(list(broken_files))}
    assert capfd.readouterr() == ("", "")


def test_refusals_travel_between_processes_and_nothing_hangs_or_crashes(broken_files):
    streams = [SoundStreams(path, [Form(16_000)]) for path in broken_files]
    limits = Limits(timeout_s=20.0, memory_bytes=2**30)
    outcomes = dict(run_in_workers(list, streams, workers=1, limits=limits))
    for index, (path, expected) in enumerate(broken_files.items()):
        kind = {"refused": MediaError, "absent": AbsentError}.get(expected.sound, list)
        assert type(outcomes[index]) is kind, path.name
        if kind is not list:
            assert re.search(expected.reason, str(outcomes[index]), re.DOTALL), path.name


def test_a_name_that_is_no_text_is_a_name(tmp_path, wav_bytes):
    path = tmp_path / os.fsdecode(b"\xff\xfe.wav")
    path.write_bytes(wav_bytes())
    assert verdict(path) == ("ok", "")


def test_lists_of_files_open_no_other_file(tmp_path, wav_bytes):
    (tmp_path / "ok.wav").write_bytes(wav_bytes())
    for name, content in {
        "a.m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nok.wav\n",
        "a.ffconcat": b"ffconcat version 1.0\nfile ok.wav\n",
        "a.wav": b"ffconcat version 1.0\nfile ok.wav\n",
    }.items():
        (tmp_path / name).write_bytes(content)
        assert verdict(tmp_path / name)[0] == pictures(tmp_path / name)[0] == "refused"


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
