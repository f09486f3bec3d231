"""Exports come back to the bit; what is damaged, forged or of another version is refused as a whole."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.encoders import Fingerprint
from heterophony.errors import InputError, StoreError
from heterophony.store import Store
from heterophony.store.export import export_shelf, pack
from heterophony.store.import_file import import_file
from heterophony.store.import_folder import imported_fingerprint

SUFFIXES = (".npz", ".parquet", ".safetensors")
PRINT = Fingerprint(encoder="test", version="1", modality="sound", weights_sha256="00", pooling="mean")
KEYS = [f"{number:02}" for number in range(20)]
VECTORS = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)


def export(folder: Path, suffix: str, fingerprint: Fingerprint = PRINT) -> Path:
    shelf = Store(folder / "from").shelf(fingerprint)
    shelf.add(KEYS, VECTORS, [f"note {key}" for key in KEYS])
    export_shelf(shelf, folder / f"x{suffix}")
    return folder / f"x{suffix}"


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("stored_as", ["float32", "float16"])
def test_there_and_back_is_the_same_file(tmp_path: Path, suffix: str, stored_as: str) -> None:
    fingerprint = replace(PRINT, stored_as=stored_as)
    path = export(tmp_path, suffix, fingerprint)
    store = Store(tmp_path / "to")
    assert import_file(store, path) == (fingerprint, 20)
    vectors, notes = store.shelf(fingerprint).get(KEYS)
    np.testing.assert_array_equal(vectors, VECTORS.astype(stored_as).astype(np.float32))
    assert notes == [f"note {key}" for key in KEYS]
    export_shelf(store.shelf(fingerprint), tmp_path / f"y{suffix}")
    assert (tmp_path / f"y{suffix}").read_bytes() == path.read_bytes()
    assert import_file(store, path) == (fingerprint, 0)


def test_only_what_is_new_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heterophony.store.import_file._ROWS", 7)
    path = export(tmp_path, ".parquet")
    store = Store(tmp_path / "to")
    store.shelf(PRINT).add(KEYS[3:12:2], np.zeros((5, 6), np.float32), ["here"] * 5)
    assert import_file(store, path) == (PRINT, 15)
    vectors, notes = store.shelf(PRINT).get(KEYS)
    expected = VECTORS.copy()
    expected[3:12:2] = 0.0
    np.testing.assert_array_equal(vectors, expected)
    assert notes.count("here") == 5


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("damage", ["cut", "empty", "text", "another"])
def test_a_damaged_file_is_refused_and_nothing_is_imported(tmp_path: Path, suffix: str, damage: str) -> None:
    path = export(tmp_path, suffix)
    content = path.read_bytes()
    if damage == "another":
        other = export(tmp_path / "other", SUFFIXES[SUFFIXES.index(suffix) - 1])
        shutil.copy(other, path)
    else:
        path.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "text": b"Dear sir"}[damage])
    with pytest.raises(InputError, match=rf"x{suffix}: not an export of heterophony, or damaged"):
        import_file(Store(tmp_path / "to"), path)
    assert not (tmp_path / "to").exists()


def test_vectors_that_are_damaged_inside_a_parquet_file_are_refused(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    path = export(tmp_path, ".parquet")
    table = parquet.read_table(path)
    rows = table["vector"].to_pylist()
    rows[5] = None
    vectors = pyarrow.array(rows, table.schema.field("vector").type)
    parquet.write_table(table.set_column(1, table.schema.field("vector"), vectors), path)
    with pytest.raises(InputError, match=r"x\.parquet: damaged .*nothing was imported"):
        import_file(Store(tmp_path / "to"), path)
    assert Store(tmp_path / "to").shelf(PRINT).missing(KEYS) == KEYS


def test_a_table_of_something_else_is_no_export(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"id": ["a"]}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match="not an export of heterophony"):
        import_file(Store(tmp_path), tmp_path / "x.parquet")
    parquet.write_table(pyarrow.table({"key": ["a"], "note": [""], "vector": [[1.0]]}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match=r"column vector holds list<.*>; lists of numbers, all of one size"):
        import_file(Store(tmp_path), tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vectors": VECTORS[:3]}, r"20 keys, 20 notes and float32 vectors \[3, 6\]"),
        ({"vectors": VECTORS.astype(np.int32)}, "int32 vectors"),
        ({"vectors": VECTORS[0]}, r"vectors \[6\]"),
        ({"keys": np.arange(20)}, "keys are int64; text was wanted"),
        ({"note_ends": np.arange(20)}, "do not fit their bytes"),
        ({"fingerprint": np.array("{}")}, "not an export"),
        ({"fingerprint": np.array('{"digest": "0", "fingerprint": {"encoder": "x", "colour": 1}}')}, "not an export"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, change: dict[str, np.ndarray], message: str) -> None:
    with np.load(export(tmp_path, ".npz")) as file:
        arrays = dict(file.items())
    np.savez(tmp_path / "y.npz", **(arrays | change))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=message):
        import_file(Store(tmp_path / "to"), tmp_path / "y.npz")


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    with np.load(export(tmp_path, ".npz")) as file:
        arrays = dict(file.items())
    arrays["vectors"][4, 2] = np.nan
    np.savez(tmp_path / "y.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="embeddings of 04 are not finite"):
        import_file(Store(tmp_path / "to"), tmp_path / "y.npz")


def test_pickled_keys_are_never_read(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "x.npz", keys=np.array(["a", None], dtype=object), allow_pickle=True
    )  # house: writes, never reads
    with pytest.raises(InputError, match="not an export"):
        import_file(Store(tmp_path), tmp_path / "x.npz")


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    with np.load(export(tmp_path, ".npz")) as file:
        arrays = dict(file.items())
    passport = json.loads(str(arrays["fingerprint"]))
    del passport["fingerprint"]["stored_as"]  # a version that did not have this field
    passport["digest"] = "0123456789abcdef"
    arrays["fingerprint"] = np.array(json.dumps(passport))
    np.savez(tmp_path / "y.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"another version .* its fingerprint was 0123456789abcdef"):
        import_file(Store(tmp_path / "to"), tmp_path / "y.npz")


def test_other_vectors_under_an_imported_name_are_refused(tmp_path: Path) -> None:
    path = export(tmp_path, ".npz", imported_fingerprint("clap", "sound", "one"))
    store = Store(tmp_path / "to")
    store.shelf(imported_fingerprint("clap", "sound", "two")).add(["id:1"], VECTORS[:1], [""])
    with pytest.raises(StoreError, match="other vectors were imported as 'clap' before"):
        import_file(store, path)


def test_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.npz: does not exist"):
        import_file(Store(tmp_path), tmp_path / "x.npz")
    with pytest.raises(InputError, match=r"ends in \.npz, \.parquet, \.safetensors, not in '\.csv'"):
        import_file(Store(tmp_path), tmp_path / "x.csv")


def test_packed_keys_of_safetensors_are_checked(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    packed, ends = pack(KEYS)
    tensors = {"vectors": VECTORS, "keys": packed[:-1], "key_ends": ends, "notes": packed, "note_ends": ends}
    save_file(tensors, tmp_path / "x.safetensors", {"heterophony": "{}"})
    with pytest.raises(InputError, match="do not fit their bytes"):
        import_file(Store(tmp_path), tmp_path / "x.safetensors")
