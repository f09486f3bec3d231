"""What is put on a shelf comes back to the bit, through kills, second writers and damage."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heterophony.encoders import Fingerprint
from heterophony.errors import StoreError
from heterophony.store import Store

PRINT = Fingerprint(encoder="test", version="1", modality="sound", weights_sha256="00", pooling="mean")


def rows(keys: list[str], dim: int = 3) -> np.ndarray:
    table = [[float(sum(map(ord, key))), *range(1, dim)] for key in keys]
    return np.array(table, dtype=np.float32).reshape(-1, dim)


def test_vectors_come_back_in_the_order_asked_for(tmp_path: Path) -> None:
    shelf = Store(tmp_path).shelf(PRINT)
    shelf.add(["a", "b"], rows(["a", "b"]), ["", "short"])
    shelf.add(["c"], rows(["c"]), ["x"])
    vectors, notes = Store(tmp_path).shelf(PRINT).get(["c", "a", "b", "a"])
    np.testing.assert_array_equal(vectors, rows(["c", "a", "b", "a"]))
    assert notes == ["x", "", "short", ""]


@settings(max_examples=15, deadline=None)
@given(
    groups=st.lists(st.lists(st.text("abc", min_size=1, max_size=2), unique=True), max_size=4), seed=st.integers(0, 99)
)
def test_any_sequence_of_additions_reads_back(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[str]], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("store")
    shelf = Store(folder).shelf(PRINT)
    for keys in groups:
        shelf.add(keys, rows(keys), keys)
    everything = sorted({key for keys in groups for key in keys})
    everything = [everything[at] for at in np.random.default_rng(seed).permutation(len(everything))]
    again = Store(folder).shelf(PRINT)
    assert again.missing(["zzz", *everything, "zzz"]) == ["zzz"]
    vectors, notes = again.get(everything)
    assert notes == everything
    if everything:
        np.testing.assert_array_equal(vectors, rows(everything))


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    shelf = Store(tmp_path).shelf(PRINT)
    shelf.add(["a"], rows(["a"]), [""])
    with pytest.raises(StoreError, match=r"no embedding for 1 of 2 keys: b; embed"):
        shelf.get(["a", "b"])


def test_reading_makes_no_folder(tmp_path: Path) -> None:
    assert Store(tmp_path / "new").shelf(PRINT).missing(["a"]) == ["a"]
    assert not (tmp_path / "new").exists()


def test_other_settings_have_another_shelf(tmp_path: Path) -> None:
    Store(tmp_path).shelf(PRINT).add(["a"], rows(["a"]), [""])
    assert Store(tmp_path).shelf(replace(PRINT, pooling="mean+max")).missing(["a"]) == ["a"]


def test_a_folder_with_another_fingerprint_is_refused_and_the_difference_is_told(tmp_path: Path) -> None:
    Store(tmp_path).shelf(PRINT).add(["a"], rows(["a"]), [""])
    path = tmp_path / PRINT.digest / "fingerprint.json"
    path.write_text(path.read_text().replace('"pooling": "mean"', '"pooling": "mean+std"'))
    with pytest.raises(StoreError, match=r"must not be mixed: pooling: 'mean' here, 'mean\+std' there"):
        Store(tmp_path).shelf(PRINT)
    path.write_text("{")
    with pytest.raises(StoreError, match="not a fingerprint"):
        Store(tmp_path).shelf(PRINT)


def test_the_fingerprint_lies_beside_the_vectors_in_full(tmp_path: Path) -> None:
    Store(tmp_path).shelf(PRINT).add(["a"], rows(["a"]), [""])
    assert Fingerprint(**json.loads((tmp_path / PRINT.digest / "fingerprint.json").read_text())) == PRINT


def test_two_writers_see_each_other_after_a_refresh_and_the_first_vector_stays(tmp_path: Path) -> None:
    one, two = Store(tmp_path).shelf(PRINT), Store(tmp_path).shelf(PRINT)
    one.add(["a"], rows(["a"]), ["one"])
    two.add(["a", "b"], rows(["a", "b"]), ["two", "two"])
    one.refresh()
    assert one.missing(["a", "b"]) == []
    assert one.get(["a"])[1] == ["one"]
    assert len(one) == 2


def test_unequal_lengths_other_lengths_and_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    shelf = Store(tmp_path).shelf(PRINT)
    with pytest.raises(StoreError, match="2 keys, 1 vectors and 1 notes"):
        shelf.add(["a", "b"], rows(["a"]), [""])
    with pytest.raises(StoreError, match="embeddings of b are not finite"):
        shelf.add(["a", "b"], np.array([[1.0], [np.nan]], dtype=np.float32), ["", ""])
    shelf.add(["a"], rows(["a"]), [""])
    with pytest.raises(StoreError, match="vectors here have 3 numbers, 4 came"):
        shelf.add(["b"], rows(["b"], dim=4), [""])
    assert Store(tmp_path).shelf(PRINT).missing(["a", "b"]) == ["b"]


@pytest.mark.parametrize("suffix", [".npy", ".parquet"])
def test_a_damaged_file_is_named_with_advice(tmp_path: Path, suffix: str) -> None:
    Store(tmp_path).shelf(PRINT).add(["a", "b"], rows(["a", "b"]), ["", ""])
    (file,) = (tmp_path / PRINT.digest).glob(f"*{suffix}")
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(StoreError, match=rf"{file.name}.*cannot be read.*delete both files"):
        Store(tmp_path).shelf(PRINT).get(["a"])


def test_what_a_killed_writer_leaves_is_not_seen(tmp_path: Path) -> None:
    shelf = Store(tmp_path).shelf(PRINT)
    shelf.add(["a"], rows(["a"]), [""])
    folder = tmp_path / PRINT.digest
    (folder / "shard-0.part").write_bytes(b"half")
    np.save(folder / "shard-1.npy", rows(["b"]))  # vectors without an index
    assert Store(tmp_path).shelf(PRINT).missing(["a", "b"]) == ["b"]


HALF = replace(PRINT, stored_as="float16")


def test_half_precision_is_kept_and_given_as_float32(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(5, 40)).astype(np.float32)
    keys = [str(number) for number in range(5)]
    Store(tmp_path).shelf(HALF).add(keys, vectors, keys)
    (file,) = tmp_path.glob("*/*.npy")
    assert np.load(file).dtype == np.float16
    again, _ = Store(tmp_path).shelf(HALF).get(keys)
    assert again.dtype == np.float32
    np.testing.assert_array_equal(again, vectors.astype(np.float16).astype(np.float32))
    assert Store(tmp_path).shelf(HALF).get_stored(keys)[0].dtype == np.float16
    assert Store(tmp_path).shelf(PRINT).missing(keys) == keys


def test_what_half_precision_cannot_hold_is_refused_and_not_infinite(tmp_path: Path) -> None:
    shelf = Store(tmp_path).shelf(HALF)
    with pytest.raises(StoreError, match=r"of b have numbers beyond ±65504, which float16 cannot hold; .* as float32"):
        shelf.add(["a", "b"], np.array([[65519.0], [-65520.0]], dtype=np.float32), ["", ""])
    with pytest.raises(StoreError, match="of a are not finite"):
        shelf.add(["a", "b"], np.array([[np.inf], [1.0]], dtype=np.float32), ["", ""])
    assert not tmp_path.joinpath(HALF.digest).exists()
    shelf.add(["a"], np.array([[65519.0]], dtype=np.float32), [""])
    assert shelf.get(["a"])[0] == 65504.0


def test_vectors_of_another_precision_than_the_fingerprint_says_are_damage(tmp_path: Path) -> None:
    Store(tmp_path).shelf(PRINT).add(["a"], rows(["a"]), [""])
    (file,) = tmp_path.glob("*/*.npy")
    np.save(file, rows(["a"]).astype(np.float16))
    with pytest.raises(StoreError, match=r"1 float32 vectors wanted, float16 \(1, 3\) came; delete both"):
        Store(tmp_path).shelf(PRINT).get(["a"])


def test_vectors_can_come_in_blocks_and_are_there_all_or_none(tmp_path: Path) -> None:
    keys = ["a", "b", "c"]
    shelf = Store(tmp_path).shelf(PRINT)
    broken = rows(keys)
    broken[2] = np.nan
    for wrong, message in ((broken, "of c are not finite"), (rows(["a", "b"]), "3 keys and 2 vectors came")):
        with pytest.raises(StoreError, match=message):
            shelf.add_blocks(keys, iter([wrong[:1], wrong[1:]]), keys, 3)
    assert [path.name for path in shelf.folder.iterdir()] == ["fingerprint.json"]
    shelf.add_blocks(keys, iter([rows(["a"]), rows(["b", "c"])]), keys, 3)
    np.testing.assert_array_equal(Store(tmp_path).shelf(PRINT).get(keys)[0], rows(keys))


def test_all_keys_are_given_sorted_and_once(tmp_path: Path) -> None:
    one, two = Store(tmp_path).shelf(PRINT), Store(tmp_path).shelf(PRINT)
    one.add(["c", "a", "a"], rows(["c", "a", "a"]), ["", "", ""])
    two.add(["b", "c"], rows(["b", "c"]), ["", ""])
    assert Store(tmp_path).shelf(PRINT).keys() == ["a", "b", "c"]
    assert len(Store(tmp_path).shelf(PRINT)) == 3


def test_an_index_of_the_first_version_is_still_read(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    Store(tmp_path).shelf(PRINT).add(["a", "b"], rows(["a", "b"]), ["x", "y"])
    (index,) = tmp_path.glob("*/*.parquet")
    parquet.write_table(pyarrow.table({"key": ["a", "b"], "note": ["x", "y"]}), index)
    shelf = Store(tmp_path).shelf(PRINT)
    assert shelf.missing(["a", "z"]) == ["z"]
    assert shelf.get(["b"])[1] == ["y"]


def test_vectors_without_their_file_are_damage_not_a_compaction(tmp_path: Path) -> None:
    Store(tmp_path).shelf(PRINT).add(["a"], rows(["a"]), [""])
    shelf = Store(tmp_path).shelf(PRINT)
    (file,) = tmp_path.glob("*/*.npy")
    file.unlink()
    with pytest.raises(StoreError, match=rf"{file.name}: vectors cannot be read \(there is only their index\)"):
        shelf.get(["a"])
    with pytest.raises(StoreError, match="there is only their index"):
        shelf.check()


def test_a_deleted_shelf_is_empty_after_a_refresh(tmp_path: Path) -> None:
    shelf = Store(tmp_path).shelf(PRINT)
    shelf.add(["a"], rows(["a"]), [""])
    for path in shelf.folder.iterdir():
        path.unlink()
    with pytest.raises(StoreError, match="no embedding for 1 of 1 keys: a"):
        shelf.get(["a"])
    assert (len(shelf), shelf.missing(["a"]), shelf.check()) == (0, ["a"], 0)


PROGRAM = """
import sys, numpy as np
from pathlib import Path
from heterophony.encoders import Fingerprint
from heterophony.store import Store
shelf = Store(Path(sys.argv[1])).shelf(
    Fingerprint(encoder="test", version="1", modality="sound", weights_sha256="00", pooling="mean"))
for number in range(100_000):
    keys = [f"{sys.argv[2]}-{number}-{row}" for row in range(50)]
    shelf.add(keys, np.full((50, 40), number, dtype=np.float32), [str(number)] * 50)
    sys.stdout.write(".")
    sys.stdout.flush()
"""


def test_two_writers_killed_in_the_middle_leave_a_whole_store(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), name], stdout=subprocess.PIPE)
        for name in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.read(3)
    time.sleep(0.05)
    for writer in writers:
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()
    shelf = Store(tmp_path).shelf(PRINT)
    for name in ("one", "two"):
        assert shelf.missing([f"{name}-{number}-{row}" for number in range(3) for row in range(50)]) == []
    keys = shelf.keys()
    vectors, notes = shelf.get(keys)
    assert len(keys) % 50 == 0
    for key, vector, note in zip(keys, vectors, notes, strict=True):
        assert key.split("-")[1] == note
        assert (vector == float(note)).all()
