"""Merging shards loses nothing: beside readers and writers, twice at once, interrupted anywhere, killed at any time."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heterophony.encoders import Fingerprint
from heterophony.errors import StoreError
from heterophony.store import Shelf, Store
from heterophony.store.compact import Compacted

PRINT = Fingerprint(encoder="test", version="1", modality="sound", weights_sha256="00", pooling="mean")
DIM = 5
ROW = 4 * DIM


def rows(keys: list[str]) -> np.ndarray:
    return np.array([[sum(map(ord, key)), *range(1, DIM)] for key in keys], dtype=np.float32).reshape(-1, DIM)


def fill(folder: Path, groups: list[list[str]]) -> Shelf:
    for keys in groups:
        Store(folder).shelf(PRINT).add(keys, rows(keys), [key.upper() for key in keys])
    return Store(folder).shelf(PRINT)


def check(shelf: Shelf, keys: list[str]) -> None:
    vectors, notes = shelf.get(keys)
    np.testing.assert_array_equal(vectors, rows(keys) if keys else np.zeros((0, 0)))
    assert notes == [key.upper() for key in keys]


def test_small_shards_become_one_that_is_sorted_by_key(tmp_path: Path) -> None:
    shelf = fill(tmp_path, [["d", "b"], ["a"], ["c", "e"]])
    assert shelf.compact() == Compacted(before=3, after=1, orphans=0)
    names = sorted(path.suffix or path.name for path in shelf.folder.iterdir())
    assert names == [".json", ".lock", ".npy", ".parquet"]
    (file,) = shelf.folder.glob("*.npy")
    np.testing.assert_array_equal(np.load(file), rows(list("abcde")))
    check(shelf, list("ecabd"))
    check(Store(tmp_path).shelf(PRINT), list("ecabd"))
    assert shelf.compact() == Compacted(before=1, after=1, orphans=0)


def test_a_key_in_two_shards_is_written_once(tmp_path: Path) -> None:
    one, two = Store(tmp_path).shelf(PRINT), Store(tmp_path).shelf(PRINT)
    for shelf in (one, two):
        shelf.add(["a", "b"], rows(["a", "b"]), ["A", "B"])
    one.compact()
    (file,) = one.folder.glob("*.npy")
    assert np.load(file).shape == (2, DIM)
    check(one, ["a", "b"])


def test_merged_shards_keep_below_their_limit_and_are_left_alone_from_then_on(tmp_path: Path) -> None:
    keys = [f"{number:02}" for number in range(40)]
    shelf = fill(tmp_path, [[key] for key in keys])
    header = 128
    done = shelf.compact(most_bytes=8 * (ROW + header))
    assert (done.before, done.after) == (40, 5)
    big = {path.name: path.stat().st_mtime_ns for path in shelf.folder.glob("*.npy")}
    check(shelf, keys)
    fill(tmp_path, [["x"], ["y"]])
    shelf.compact(most_bytes=2 * (header + 2 * ROW))
    assert big.items() <= {path.name: path.stat().st_mtime_ns for path in shelf.folder.glob("*.npy")}.items()
    check(shelf, [*keys, "x", "y"])


def test_what_a_big_shard_has_is_not_copied_again(tmp_path: Path) -> None:
    big = [f"{number:02}" for number in range(40)]
    shelf = fill(tmp_path, [big, ["07"], ["08", "x"]])  # as two writers that did not see each other would do
    shelf.compact(most_bytes=2 * 40 * ROW)
    sizes = sorted(len(np.load(path)) for path in shelf.folder.glob("*.npy"))
    assert sizes == [1, 40]
    check(shelf, [*big, "x"])


def test_half_precision_stays_half_precision(tmp_path: Path) -> None:
    from dataclasses import replace

    half = replace(PRINT, stored_as="float16")
    vectors = np.random.default_rng(0).normal(size=(6, DIM)).astype(np.float32)
    for at in range(3):
        Store(tmp_path).shelf(half).add([str(2 * at), str(2 * at + 1)], vectors[2 * at : 2 * at + 2], ["", ""])
    shelf = Store(tmp_path).shelf(half)
    shelf.compact()
    stored, _ = shelf.get_stored([str(at) for at in range(6)])
    assert stored.tobytes() == vectors.astype(np.float16).tobytes()


def test_a_reader_that_holds_the_old_shards_finds_everything(tmp_path: Path) -> None:
    groups = [["a", "b"], ["c"], ["d"]]
    fill(tmp_path, groups)
    readers = [Store(tmp_path).shelf(PRINT) for _ in range(4)]
    readers[1].get(["a"])  # has read some
    Store(tmp_path).shelf(PRINT).compact()
    fill(tmp_path, [["e"]])
    check(readers[0], ["c", "a"])
    check(readers[1], ["a", "d"])
    assert readers[2].missing(["a", "d", "z"]) == ["z"]
    assert readers[3].keys() == ["a", "b", "c", "d", "e"]
    for reader in readers:
        reader.refresh()
        assert len(reader) == 5
        check(reader, list("abcde"))


def test_a_writer_that_holds_the_old_shards_goes_on_writing(tmp_path: Path) -> None:
    writer = fill(tmp_path, [["a"], ["b"]])
    Store(tmp_path).shelf(PRINT).compact()
    writer.add(["c", "a"], rows(["c", "a"]), ["C", "A"])
    check(writer, ["a", "b", "c"])
    check(Store(tmp_path).shelf(PRINT), ["a", "b", "c"])


def test_only_one_process_compacts_and_the_other_does_not_wait(tmp_path: Path) -> None:
    shelf = fill(tmp_path, [["a"], ["b"]])
    with (shelf.folder / "compact.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert shelf.compact() == Compacted(before=2, after=2, orphans=0, busy=True)
    assert shelf.compact().after == 1


def test_an_empty_shelf_stays_empty(tmp_path: Path) -> None:
    assert Store(tmp_path / "new").shelf(PRINT).compact() == Compacted(0, 0, 0)
    assert not (tmp_path / "new").exists()


def test_a_shelf_is_crowded_by_more_than_64_small_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)
    shelf = fill(tmp_path, [[str(number)] for number in range(64)])
    assert not shelf.crowded
    shelf.add(["x"], rows(["x"]), ["X"])
    assert shelf.crowded
    shelf.compact()
    assert not shelf.crowded
    check(shelf, ["x", *(str(number) for number in range(64))])


def test_what_killed_processes_left_is_removed_after_an_hour(tmp_path: Path) -> None:
    shelf = fill(tmp_path, [["a"]])
    left = [shelf.folder / name for name in ("shard-0.npy", "shard-1.npy", "0.part", "1.part")]
    for path in left:
        path.write_bytes(b"half")
    for path in left[::2]:
        os.utime(path, (time.time() - 3700, time.time() - 3700))
    assert shelf.compact() == Compacted(before=1, after=1, orphans=2)
    assert [path.exists() for path in left] == [False, True, False, True]
    check(shelf, ["a"])


def test_a_damaged_shard_is_named_and_nothing_is_deleted(tmp_path: Path) -> None:
    shelf = fill(tmp_path, [["a"], ["b"]])
    file = min(shelf.folder.glob("*.npy"))
    file.write_bytes(file.read_bytes()[:-1])
    before = sorted(shelf.folder.iterdir())
    with pytest.raises(StoreError, match=file.name):
        shelf.compact()
    assert set(before) <= set(shelf.folder.iterdir())
    assert len(list(shelf.folder.glob("*.parquet"))) == 2


@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(
        st.one_of(st.lists(st.text("abc", min_size=1, max_size=2), max_size=3), st.integers(1, 12)), max_size=8
    )
)
def test_any_sequence_of_additions_and_compactions_reads_back(
    tmp_path_factory: pytest.TempPathFactory, steps: list[list[str] | int]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    shelves = [Store(folder).shelf(PRINT) for _ in range(2)]
    there: set[str] = set()
    for number, step in enumerate(steps):
        if isinstance(step, int):
            shelves[number % 2].compact(most_bytes=step * (ROW + 128))
        else:
            shelves[number % 2].add(step, rows(step), [key.upper() for key in step])
            there |= set(step)
    for shelf in (*shelves, Store(folder).shelf(PRINT)):
        shelf.refresh()
        assert shelf.keys() == sorted(there)
        check(shelf, sorted(there, reverse=True))


def test_stopped_at_any_step_it_has_lost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call that changes a name or reaches the disk is once the last one that is made."""
    keys = list("abcdef")
    fill(tmp_path / "full", [[key] for key in keys])
    left = [0]

    def counted(change: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            return change(*arguments, **named)

        return call

    for steps in range(100):
        folder = tmp_path / str(steps)
        shelf = Store(shutil.copytree(tmp_path / "full", folder)).shelf(PRINT)
        with monkeypatch.context() as patch:
            left[0] = steps
            patch.setattr(os, "fsync", counted(lambda _: None))
            for name in ("replace", "unlink"):
                patch.setattr(Path, name, counted(getattr(Path, name)))
            try:
                shelf.compact(most_bytes=3 * (ROW + 128))
                finished = True
            except KeyboardInterrupt:
                finished = False
        check(Store(folder).shelf(PRINT), keys)
        check(shelf, keys)
        if finished:
            break
        shelf.compact()
        check(Store(folder).shelf(PRINT), keys)
    assert steps > 20


PROGRAM = """
import os, signal, sys, time
from pathlib import Path
import numpy as np
from heterophony.encoders import Fingerprint
from heterophony.store import Store

folder = Path(sys.argv[1])
os.fsync = lambda _: None  # a kill is no power cut, and so there is more to kill

def work(name, most):
    shelf = Store(folder).shelf(
        Fingerprint(encoder="test", version="1", modality="sound", weights_sha256="00", pooling="mean"))
    done = os.open(folder / "done", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number in range(most):
        keys = [f"{name}-{number}-{row}" for row in range(3)]
        vectors = np.array([[sum(map(ord, key)), 1, 2, 3, 4] for key in keys], dtype=np.float32)
        shelf.add(keys, vectors, [key.upper() for key in keys])
        os.write(done, "".join(f"{key}\\n" for key in keys).encode())
        if number % 2:
            shelf.compact(most_bytes=3000)

work("first", 2)  # what is imported on first use is imported
for number, delay in enumerate(map(float, sys.argv[2:])):
    workers = []
    for name in "ab":
        child = os.fork()
        if not child:
            work(f"{name}{number}", 1_000_000)
        workers.append(child)
    time.sleep(delay)
    for child in workers:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
"""


def test_writers_that_compact_are_killed_at_random_beside_a_reader_and_nothing_is_lost(tmp_path: Path) -> None:
    delays = np.random.default_rng().uniform(0.05, 0.5, 8)
    (tmp_path / "done").touch()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), *map(str, delays)])
    reader = Store(tmp_path).shelf(PRINT)
    rounds = 0
    while process.poll() is None:
        keys = _done(tmp_path)
        reader.refresh()
        check(reader, keys)
        assert Store(tmp_path).shelf(PRINT).missing(keys) == []
        rounds += 1
    assert process.returncode == 0
    keys = _done(tmp_path)
    assert len(keys) > 50
    assert rounds > 3
    shelf = Store(tmp_path).shelf(PRINT)
    check(shelf, shelf.keys())
    assert set(keys) <= set(shelf.keys())
    shelf.compact()
    assert len(list(shelf.folder.glob("shard-*.parquet"))) == 1
    check(Store(tmp_path).shelf(PRINT), keys)


def _done(folder: Path) -> list[str]:
    """The keys whose addition has returned; the last line may be half written."""
    text = (folder / "done").read_text()
    return text[: text.rfind("\n") + 1].splitlines()
