"""A shelf as a file and back: equal shelves give equal bytes, whatever their shards, and nothing gets lost."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heterophony.encoders import Fingerprint
from heterophony.errors import ConfigError, StoreError
from heterophony.store import Store
from heterophony.store.export import export_shelf, pack, unpack

SUFFIXES = (".npz", ".parquet", ".safetensors")
PRINT = Fingerprint(encoder="test", version="1", modality="sound", weights_sha256="00", pooling="mean")
KEYS = ["b", "id:Käse", "a", "c"]
NOTES = ['{"note": ""}', "", "", "ß"]
VECTORS = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)


def put(folder: Path, order: list[int], split: int, fingerprint: Fingerprint = PRINT) -> Store:
    store = Store(folder)
    for part in (order[:split], order[split:]):
        store.shelf(fingerprint).add([KEYS[at] for at in part], VECTORS[part], [NOTES[at] for at in part])
    return store


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("stored_as", ["float32", "float16"])
def test_equal_shelves_give_equal_bytes(tmp_path: Path, suffix: str, stored_as: str) -> None:
    fingerprint = replace(PRINT, stored_as=stored_as)
    one = put(tmp_path / "one", [0, 1, 2, 3], 2, fingerprint).shelf(fingerprint)
    two = put(tmp_path / "two", [3, 1, 0, 2], 3, fingerprint).shelf(fingerprint)
    two.compact()
    two.add(["a"], VECTORS[:1], ["again"])  # is there already
    for name, shelf in (("one", one), ("two", two)):
        assert export_shelf(shelf, tmp_path / (name + suffix)) == 4
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
    assert not list(tmp_path.glob("*.part"))


def read_npz(path: Path) -> tuple[list[str], np.ndarray, list[str], str]:
    with np.load(path, allow_pickle=False) as file:
        notes = unpack(file["notes"], file["note_ends"])
        return file["keys"].tolist(), file["vectors"], notes, str(file["fingerprint"])


def read_parquet(path: Path) -> tuple[list[str], np.ndarray, list[str], str]:
    from pyarrow import parquet

    table = parquet.read_table(path)
    vectors = np.stack(table["vector"].to_numpy())
    return table["key"].to_pylist(), vectors, table["note"].to_pylist(), table.schema.metadata[b"heterophony"].decode()


def read_safetensors(path: Path) -> tuple[list[str], np.ndarray, list[str], str]:
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        keys, notes = (unpack(file.get_tensor(f"{name}s"), file.get_tensor(f"{name}_ends")) for name in ("key", "note"))
        return keys, file.get_tensor("vectors"), notes, file.metadata()["heterophony"]


@pytest.mark.parametrize(
    ("suffix", "read"), [(".npz", read_npz), (".parquet", read_parquet), (".safetensors", read_safetensors)]
)
@pytest.mark.parametrize("stored_as", ["float32", "float16"])
def test_other_programs_find_keys_vectors_notes_and_the_fingerprint(
    tmp_path: Path, suffix: str, read: Callable[[Path], tuple[list[str], np.ndarray, list[str], str]], stored_as: str
) -> None:
    fingerprint = replace(PRINT, stored_as=stored_as)
    export_shelf(put(tmp_path, [0, 1, 2, 3], 2, fingerprint).shelf(fingerprint), tmp_path / f"x{suffix}")
    keys, vectors, notes, passport = read(tmp_path / f"x{suffix}")
    order = [2, 0, 3, 1]
    assert keys == [KEYS[at] for at in order] == sorted(KEYS)
    assert notes == [NOTES[at] for at in order]
    assert vectors.dtype == np.dtype(stored_as)
    np.testing.assert_array_equal(vectors, VECTORS[order].astype(stored_as))
    assert json.loads(passport) == {"digest": fingerprint.digest, "fingerprint": asdict(fingerprint)}


def test_a_parquet_file_of_many_blocks_is_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = put(tmp_path, [0, 1, 2, 3], 2).shelf(PRINT)
    monkeypatch.setattr("heterophony.store.export._BLOCK_BYTES", 3 * 6 * 4)
    export_shelf(shelf, tmp_path / "x.parquet")
    keys, vectors, _, _ = read_parquet(tmp_path / "x.parquet")
    assert keys == sorted(KEYS)
    np.testing.assert_array_equal(vectors, VECTORS[[2, 0, 3, 1]])


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    shelf = put(tmp_path, [0, 1, 2, 3], 2).shelf(PRINT)
    with pytest.raises(ConfigError, match=r"cannot be written as '\.csv'; use \.npz, \.parquet, \.safetensors"):
        export_shelf(shelf, tmp_path / "x.csv")
    with pytest.raises(StoreError, match="there are no vectors on it"):
        export_shelf(Store(tmp_path / "none").shelf(PRINT), tmp_path / "x.npz")


def test_a_damaged_shelf_leaves_no_half_file(tmp_path: Path) -> None:
    shelf = put(tmp_path, [0, 1, 2, 3], 2).shelf(PRINT)
    file = min(shelf.folder.glob("*.npy"))
    file.write_bytes(file.read_bytes()[:-1])
    for suffix in SUFFIXES:
        with pytest.raises(StoreError, match=file.name):
            export_shelf(shelf, tmp_path / f"x{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == [PRINT.digest]


@given(st.lists(st.text()))
def test_packed_texts_come_back(texts: list[str]) -> None:
    assert unpack(*pack(texts)) == texts


@pytest.mark.parametrize("ends", [[2], [4], [2, 1, 3], [-1, 3]])
def test_ends_that_do_not_fit_are_refused(ends: list[int]) -> None:
    with pytest.raises(ValueError, match="do not fit their bytes"):
        unpack(np.frombuffer(b"abc", np.uint8), np.array(ends))
