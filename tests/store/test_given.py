"""Vectors that somebody else made: every kind of file, by id or by order, what is not there, and what is wrong."""

from pathlib import Path

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet
from safetensors.numpy import save_file

from heterophony.clips import Clip
from heterophony.errors import InputError
from heterophony.store import Embedded
from heterophony.store.given import read_given
from heterophony.store.vectors_file import SUFFIXES, write_vectors

IDS = ["c", "a", "b"]
TABLE = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture
def embedded() -> list[Embedded]:
    """Three clips; the second has no words, the third was refused."""
    has = [{"sound": TABLE[0], "words": TABLE[0, :2]}, {"sound": TABLE[1]}, {}]
    return [
        Embedded(Clip(id=key), "ok" if vectors else "refused", "", vectors, "", "", 0.0)
        for key, vectors in zip(IDS, has, strict=True)
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_embed_writes_is_read_back_by_id_whatever_the_order(
    tmp_path: Path, embedded: list[Embedded], suffix: str
) -> None:
    path = tmp_path / f"v{suffix}"
    write_vectors(embedded, ["sound", "words"], path)
    found = read_given(f"{path}:sound", ["b", "x", "a", "c"])
    np.testing.assert_array_equal(found.get("a"), TABLE[1])
    np.testing.assert_array_equal(found.get("c"), TABLE[0])
    assert (found.get("b"), found.get("x")) == (None, None)
    words = read_given(f"{path}:words", IDS)
    np.testing.assert_array_equal(words.get("c"), TABLE[0, :2])
    assert words.get("a") is None
    with pytest.raises(InputError, match="holds 2 tables; name one after a colon: sound, words"):
        read_given(str(path), IDS)
    with pytest.raises(InputError, match="no table 'pictures'; there are sound, words"):
        read_given(f"{path}:pictures", IDS)


def test_a_folder_of_one_file_each(tmp_path: Path) -> None:
    for row, key in enumerate(IDS[:2]):
        np.save(tmp_path / f"{key}.npy", TABLE[row])
    found = read_given(str(tmp_path), IDS)
    np.testing.assert_array_equal(found.get("a"), TABLE[1])
    assert found.get("b") is None
    with pytest.raises(InputError, match="a folder holds one table; leave out the colon and 'x'"):
        read_given(f"{tmp_path}:x", IDS)


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".safetensors"])
def test_a_table_without_ids_has_a_row_for_each_clip(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"v{suffix}"
    table = TABLE.copy()
    table[2, 1] = np.nan
    if suffix == ".npy":
        np.save(path, table.astype(np.float64))
    elif suffix == ".npz":
        np.savez(path, x=table)
    else:
        save_file({"x": table}, path)
    found = read_given(str(path), IDS)
    assert found.vectors.dtype == np.float32
    np.testing.assert_array_equal(found.get("a"), TABLE[1])
    assert found.get("b") is None, "a row with NaN is no vector"
    with pytest.raises(InputError, match="3 rows without ids, but 2 clips; give one row for each clip"):
        read_given(str(path), IDS[:2])


@pytest.mark.parametrize("kind", [pyarrow.list_(pyarrow.float32()), pyarrow.list_(pyarrow.float32(), 4)])
def test_lists_of_parquet_may_be_of_fixed_size_and_ids_numbers(tmp_path: Path, kind: pyarrow.DataType) -> None:
    columns = {"id": [7, 8, 9], "x": pyarrow.array([TABLE[0].tolist(), None, TABLE[2].tolist()], type=kind)}
    parquet.write_table(pyarrow.table(columns), tmp_path / "v.parquet")
    found = read_given(str(tmp_path / "v.parquet"), ["9", "8"])
    np.testing.assert_array_equal(found.get("9"), TABLE[2])
    assert found.get("8") is None


def test_a_colon_in_the_name_of_a_file_is_no_key(tmp_path: Path) -> None:
    np.save(tmp_path / "a:b.npy", TABLE)
    np.testing.assert_array_equal(read_given(str(tmp_path / "a:b.npy"), IDS).vectors, TABLE)


def test_the_content_is_of_ids_and_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", TABLE)
    np.save(tmp_path / "w.npy", TABLE + 1)
    first = read_given(str(tmp_path / "v.npy"), IDS)
    assert len(first.content) == 64
    assert first.content == read_given(str(tmp_path / "v.npy"), IDS).content
    assert first.content != read_given(str(tmp_path / "v.npy"), IDS[::-1]).content
    assert first.content != read_given(str(tmp_path / "w.npy"), IDS).content


def test_ids_of_other_clips_or_twice_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.npz"
    np.savez(path, ids=np.array(["x", "y", "z"]), sound=TABLE)
    with pytest.raises(InputError, match=r"none of its 3 ids \(x, y, z\) is one of the 3 clips \(c, a, b\)"):
        read_given(str(path), IDS)
    np.savez(path, ids=np.array(["a", "b", "b"]), sound=TABLE)
    with pytest.raises(InputError, match="3 rows, 3 ids, 2 of them different"):
        read_given(str(path), IDS)
    np.savez(path, ids=np.array(["a", "b"]), sound=TABLE)
    with pytest.raises(InputError, match="3 rows, 2 ids"):
        read_given(str(path), IDS)


@pytest.mark.parametrize("table", [TABLE[0], TABLE.astype(np.int64), TABLE[:0]])
def test_what_is_no_table_of_floats_is_refused(tmp_path: Path, table: np.ndarray) -> None:
    np.save(tmp_path / "v.npy", table)
    with pytest.raises(InputError, match=r"v\.npy: floats \[rows, dim\] were wanted, \w+ \["):
        read_given(str(tmp_path / "v.npy"), IDS)


@pytest.mark.parametrize("name", ["gone.npz", "v.h5"])
def test_what_is_no_file_of_vectors_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "v.h5").write_bytes(b"x")
    with pytest.raises(InputError, match=f"{name}: (there is no such file|vectors are .npy, .npz)"):
        read_given(str(tmp_path / name), IDS)


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".safetensors", ".parquet"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a zip", b"\x93NUMPY\x01\x00 and no more"])
def test_a_broken_file_is_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"v{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"v{suffix}: cannot be read"):
        read_given(str(path), IDS)


def test_a_header_that_promises_more_than_there_is_is_not_obeyed(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", TABLE)
    whole = (tmp_path / "v.npy").read_bytes()
    (tmp_path / "v.npy").write_bytes(whole.replace(b"(3, 4), }" + b" " * 12, b"(3000000000000, 4), }"))
    with pytest.raises(InputError, match="cannot be read"):
        read_given(str(tmp_path / "v.npy"), IDS)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "v.npz", allow_pickle=True, x=np.array([{"a": 1}], dtype=object))
    for name in ("v.npy", "v.npz"):
        with pytest.raises(InputError, match=f"{name}: cannot be read"):
            read_given(str(tmp_path / name), IDS)
