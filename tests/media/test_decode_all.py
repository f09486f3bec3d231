"""Decoding that is killed, meets a full disk or another process, or is altered; and a hundred broken files."""

import fcntl
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from heterophony.errors import InputError
from heterophony.media import Form, Item, Looks, Wanted, decode
from heterophony.media.room_needed import header_seconds
from heterophony.media.sound_pieces import cut_sound

SOUND = Wanted(Form(8_000, 1), None)
BOTH = Wanted(Form(8_000, 2), Looks((0.0, 0.5), 16, "crop"))


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    """Six noises of one second, each 16,000 bytes when it is decoded."""
    folder = tmp_path_factory.mktemp("noises")
    for number in range(6):
        noise = np.random.default_rng(number).uniform(-1, 1, 8_000)
        soundfile.write(folder / f"{number}.wav", noise, 8_000)
    return [Item(folder / f"{number}.wav") for number in range(6)]


KILLED = """
import os, signal, sys
from pathlib import Path
from heterophony.media import Form, Item, Wanted, decode

def stop(done, total):
    if done == 4:
        os.kill(os.getpid(), signal.SIGKILL)

items = [Item(Path(sys.argv[1]) / f"{number}.wav") for number in range(6)]
decode(items, Wanted(Form(8_000, 1), None), Path(sys.argv[2]), progress=stop)
"""


@pytest.fixture(scope="module")
def left_behind(items, tmp_path_factory):
    """What is left of a decoding that was killed when three of six files were kept and a fourth was decoded."""
    folder = tmp_path_factory.mktemp("killed") / "kept"
    command = [sys.executable, "-c", KILLED, str(items[0].path.parent), str(folder)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    return folder


@pytest.fixture
def killed(left_behind, tmp_path):
    """A copy of it."""
    (part,) = shutil.copytree(left_behind, tmp_path / "kept").iterdir()
    assert part.name.endswith(".part"), "nothing looks complete"
    return part


def decoded_files(monkeypatch):
    """The names of the files that are decoded from now on."""
    names = []
    call = "heterophony.media.decode_file.cut_sound"
    monkeypatch.setattr(call, lambda path, *rest: (names.append(path.name), cut_sound(path, *rest))[1])
    return names


def contents(decoded):
    return {path.name: path.read_bytes() for path in decoded.folder.iterdir()}


def same_as_in_one_go(decoded, items, tmp_path):
    whole = decode(items, SOUND, tmp_path / "whole")
    return contents(whole) == contents(decoded) and whole.digest == decoded.digest


def test_after_a_kill_it_goes_on(killed, items, tmp_path, monkeypatch):
    names, told = decoded_files(monkeypatch), []
    decoded = decode(items, SOUND, killed.parent, progress=lambda done, total: told.append(done))
    assert names == ["3.wav", "4.wav", "5.wav"]
    assert told == [1, 2, 3, 4, 5, 6]
    assert list(killed.parent.iterdir()) == [decoded.folder]
    assert same_as_in_one_go(decoded, items, tmp_path)


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        ("a byte of the third", 2),
        ("the end is missing", 2),
        ("a torn line", 3),
        ("a line of zeros", 2),
        ("more than the journal knows", 3),
        ("no journal", 0),
    ],
)
def test_what_did_not_reach_the_disk_is_decoded_again(killed, items, tmp_path, monkeypatch, damage, kept):
    sound, journal = killed / "sound.int16", killed / "journal.jsonl"
    content, lines = bytearray(sound.read_bytes()), journal.read_bytes().splitlines(keepends=True)
    assert (len(content), len(lines)) == (48_000, 3)
    if damage == "a byte of the third":
        content[40_000] ^= 1
    elif damage == "the end is missing":
        del content[47_999:]
    elif damage == "a torn line":
        lines.append(lines[2][:20])
    elif damage == "a line of zeros":
        lines[2] = bytes(len(lines[2]) - 1) + b"\n"
    elif damage == "more than the journal knows":
        content += b"\1" * 999
    else:
        lines.clear()
    sound.write_bytes(content)
    journal.write_bytes(b"".join(lines))
    names = decoded_files(monkeypatch)
    decoded = decode(items, SOUND, killed.parent)
    assert names == [f"{number}.wav" for number in range(kept, 6)]
    assert same_as_in_one_go(decoded, items, tmp_path)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_full_disk_is_told_and_leaves_nothing_that_looks_complete(items, tmp_path, workers):
    """Files cannot grow beyond a limit, in this process and in those that it starts, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(InputError, match=r"cannot be written \(File too large\); make room, or choose another"):
            decode(items, SOUND, tmp_path, workers=workers)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
    assert len(decode(items, SOUND, tmp_path)) == 6


def test_a_full_disk_of_a_worker_is_no_fault_of_the_recording(items, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, before[1]))
    try:
        with pytest.raises(InputError, match=r"0\.sound: cannot be written"):
            decode(items, SOUND, tmp_path, workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_too_little_room_is_told_before_anything_is_written(items, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 90_000})
    monkeypatch.setattr("heterophony.media.room_needed.shutil.disk_usage", lambda path: usage)
    wanted = Wanted(Form(16_000, 2), Looks((0.0,), 64, "crop"))  # 64,000 + 12,288 bytes a second
    with pytest.raises(InputError, match=r"decoding takes about 447 KiB, 88 KiB are free; remove what is not used"):
        decode(items, wanted, tmp_path / "new" / "folder")
    assert not (tmp_path / "new").exists()
    decode([Item(items[0].path, stretch=(0.5, 9.0)), Item(items[0].path, stretch=(0.0, 0.25))], wanted, tmp_path)


def test_room_is_estimated_from_some_of_many_files(items, tmp_path, monkeypatch):
    opened = []
    call = "heterophony.media.room_needed.header_seconds"
    monkeypatch.setattr(call, lambda *told: (opened.append(told), header_seconds(*told))[1])
    many = [Item(items[0].path, Path(f"{number}.mp4")) for number in range(1_000)]
    usage = type("Usage", (), {"free": 15_000_000})
    monkeypatch.setattr("heterophony.media.room_needed.shutil.disk_usage", lambda path: usage)
    with pytest.raises(InputError, match=r"takes about 15 MiB, 14 MiB are free"):
        decode(many, SOUND, tmp_path)
    assert len(opened) <= 64


def test_two_do_not_write_the_same(killed, items):
    with (killed / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another process is decoding the same; wait for it"):
            decode(items, SOUND, killed.parent)


def test_what_another_process_has_made_meanwhile_is_taken(items, tmp_path, monkeypatch):
    def meanwhile(*args):
        monkeypatch.undo()
        decode(items, SOUND, tmp_path)

    monkeypatch.setattr("heterophony.media.decode_all.check_room", meanwhile)
    decoded = decode(items, SOUND, tmp_path)
    assert list(tmp_path.iterdir()) == [decoded.folder]
    assert len(decoded) == 6


@pytest.mark.parametrize("name", ["sound.int16", "frames.uint8", "index.npz"])
def test_a_decoding_that_lost_something_is_refused(items, tmp_path, name):
    path = decode(items, SOUND, tmp_path).folder / name
    content = path.read_bytes()
    for changed, wrong in ((content + b"1", r"index says|complete"), (None, "is no complete decoding")):
        if name == "index.npz" and changed is not None:
            changed, wrong = content[:300], "is no complete decoding"
        path.unlink() if changed is None else path.write_bytes(changed)
        with pytest.raises(InputError, match=wrong):
            decode(items, SOUND, tmp_path)


def test_of_a_hundred_broken_files_each_is_what_its_readers_say(broken_files, tmp_path):
    decoded = decode([Item(path) for path in broken_files], BOTH, tmp_path)
    for row, (path, (sound, reason, pictures)) in enumerate(broken_files.items()):
        came = decoded.has_sound[row], decoded.has_pictures[row], bool(decoded.reasons[row])
        refused = "refused" in (sound, pictures) or (sound, pictures) == ("absent", "absent")
        there = [not refused and one in ("ok", "partial") for one in (sound, pictures)]
        assert came == (*there, refused), (path, sound, reason, pictures, decoded.reasons[row])


def test_pictures_beside_several_sounds_are_kept_once_after_a_kill_too(items, tmp_path):
    draw = np.random.default_rng(0)
    Image.fromarray(draw.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    Image.fromarray(draw.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(tmp_path / "b.png")
    rows = [Item(item.path, tmp_path / ("b.png" if row == 1 else "a.png")) for row, item in enumerate(items)]

    def stop(done, _):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decode(rows, BOTH, tmp_path / "kept", progress=stop)
    kept, anew = decode(rows, BOTH, tmp_path / "kept"), decode(rows, BOTH, tmp_path / "anew")
    for decoded in (kept, anew):
        assert (decoded.folder / "frames.uint8").stat().st_size == 2 * BOTH.looks.bytes_per_second
        assert decoded.frames_at.tolist() == [0, 1, 0, 0, 0, 0]
        assert decoded.sound_at.tolist() == [0, 8_000, 16_000, 24_000, 32_000, 40_000]
    assert kept.digest == anew.digest
    np.testing.assert_array_equal(kept.frames(5, 0), kept.frames(0, 0))
    assert (kept.frames(1, 0) != kept.frames(0, 0)).any()
