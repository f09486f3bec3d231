"""Folders of `<id>.npy`: all of it or nothing, every fault named, and one name for one content."""

from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import InputError, StoreError
from heterophony.store import Store
from heterophony.store.import_folder import find_imported, id_key, import_folder, imported_fingerprint


def unit(number: int, dim: int = 8) -> np.ndarray:
    vector = np.random.default_rng(number).normal(size=dim)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve vectors as the challenge ships them, one of them as a row."""
    folder = tmp_path / "clap"
    folder.mkdir()
    for number in range(12):
        np.save(folder / f"{number}.npy", unit(number) if number else unit(0)[None])
    (folder / "README.md").write_text("not a vector")
    (folder / ".5.npy").write_text("left by an editor")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_a_folder_is_imported_by_id(store: Store, folder: Path) -> None:
    done = import_folder(store, folder, "clap", "sound", dim=8, unit=True)
    assert (done.rows, done.dim, done.new) == (12, 8, True)
    assert done.norms == pytest.approx((1.0, 1.0, 1.0), abs=1e-6)
    shelf = store.shelf(find_imported(store, "clap"))
    vectors, _ = shelf.get([id_key(str(number)) for number in range(12)])
    np.testing.assert_array_equal(vectors, np.stack([unit(number) for number in range(12)]))
    assert shelf.fingerprint == done.fingerprint
    assert (done.fingerprint.encoder, done.fingerprint.modality) == ("clap", "sound")


def test_the_same_folder_again_changes_nothing(store: Store, folder: Path, tmp_path: Path) -> None:
    first = import_folder(store, folder, "clap", "sound")
    copy = folder.rename(tmp_path / "elsewhere")
    again = import_folder(store, copy, "clap", "sound")
    assert again.fingerprint == first.fingerprint
    assert not again.new
    assert len(list(store.folder.glob("*/*.npy"))) == 1


@pytest.mark.parametrize("change", ["number", "id", "less"])
def test_another_content_under_the_same_name_is_refused(store: Store, folder: Path, change: str) -> None:
    import_folder(store, folder, "clap", "sound")
    if change == "number":
        np.save(folder / "3.npy", np.nextafter(unit(3), np.float32(2.0)))
    elif change == "id":
        (folder / "3.npy").rename(folder / "33.npy")
    else:
        (folder / "3.npy").unlink()
    with pytest.raises(StoreError, match=r"other vectors were imported as 'clap' before .*choose another --name"):
        import_folder(store, folder, "clap", "sound")
    assert import_folder(store, folder, "clap2", "sound").new


def test_another_modality_under_the_same_name_is_refused(store: Store, folder: Path) -> None:
    import_folder(store, folder, "clap", "sound")
    with pytest.raises(StoreError, match="modality: 'words' here, 'sound' there"):
        import_folder(store, folder, "clap", "words")


FAULTS = {
    "long.npy": np.ones(9, np.float32),
    "table.npy": np.ones((2, 4), np.float32),
    "scalar.npy": np.array(1.0, np.float32),
    "double.npy": np.ones(8, np.float64),
    "nan.npy": np.full(8, np.nan, np.float32),
    "empty.npy": np.ones(0, np.float32),
}
SAID = {
    "long.npy": r"float32 \[8\] was wanted, float32 \[9\] came",
    "table.npy": r"float32 \[2, 4\] came",
    "scalar.npy": r"float32 \[\] came",
    "double.npy": r"float64 \[8\] came",
    "nan.npy": "a number is not finite",
    "empty.npy": r"float32 \[0\] came",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_is_no_such_vector_is_named_and_nothing_is_imported(store: Store, folder: Path, name: str) -> None:
    np.save(folder / name, FAULTS[name])
    with pytest.raises(InputError, match=rf"1 of 13 files .*nothing was imported: {name}: .*{SAID[name]}"):
        import_folder(store, folder, "clap", "sound")
    assert not store.folder.exists()


def test_files_that_are_no_arrays_are_named_a_few_of_them(store: Store, folder: Path) -> None:
    whole = (folder / "1.npy").read_bytes()
    (folder / "a1.npy").write_bytes(b"")
    (folder / "a2.npy").write_bytes(whole[:-1])
    (folder / "a3.npy").write_text("Dear sir")
    (folder / "a4.npy").write_bytes(whole[:40])
    np.savez(folder / "a5", x=unit(1))
    (folder / "a5.npz").rename(folder / "a5.npy")
    np.save(folder / "a6.npy", np.array([None] * 8), allow_pickle=True)
    with pytest.raises(InputError, match=r"6 of 18 files .*: a1\.npy: .*; a2\.npy: .*; a5\.npy: .* …$") as raised:
        import_folder(store, folder, "clap", "sound")
    assert "a6" not in str(raised.value)


def test_a_header_that_promises_more_than_there_is_takes_no_memory(store: Store, folder: Path) -> None:
    with (folder / "x.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (10**14,)})
    with pytest.raises(InputError, match=r"1 of 13 .*x\.npy: "):
        import_folder(store, folder, "clap", "sound")


def test_the_wanted_length_is_asked_of_every_file(store: Store, folder: Path) -> None:
    with pytest.raises(InputError, match=r"12 of 12 .*0\.npy: float32 \[512\] was wanted, float32 \[1, 8\] came"):
        import_folder(store, folder, "clap", "sound", dim=512)


def test_norms_are_told_and_with_unit_must_be_one(store: Store, folder: Path) -> None:
    np.save(folder / "3.npy", 2 * unit(3))
    np.save(folder / "4.npy", np.float32(1.0005) * unit(4))
    with pytest.raises(InputError, match=r"1 of 12 vectors are not 1: 3\.npy 2; least 1, mean 1\.083, largest 2;"):
        import_folder(store, folder, "clap", "sound", unit=True)
    assert import_folder(store, folder, "clap", "sound").norms == pytest.approx((1.0, 1.0834, 2.0), abs=1e-4)


@pytest.mark.parametrize("column", ["id", "sound_id"])
def test_ids_are_compared_with_a_table(store: Store, folder: Path, tmp_path: Path, column: str) -> None:
    table = tmp_path / "ids.csv"
    table.write_text(f"{column},title\n" + "".join(f"{number},x\n" for number in range(12)))
    assert import_folder(store, folder, "clap", "sound", ids=table).rows == 12
    table.write_text(f"{column},title\n" + "".join(f"{number},x\n" for number in range(4, 20)))
    message = (
        r"8 of the 16 ids of .*ids\.csv have no file \(12, 13, 14, 15, 16 …\), "
        r"4 of 12 files have no id there \(0, 1, 2, 3\); nothing was imported"
    )
    with pytest.raises(InputError, match=message):
        import_folder(store, folder, "other", "sound", ids=table)
    table.write_text("name\n1\n")
    with pytest.raises(InputError, match="needs a column 'id' or 'sound_id'; it has name"):
        import_folder(store, folder, "other", "sound", ids=table)


@pytest.mark.parametrize(("name", "modality"), [("a:b", "sound"), ("", "sound"), ("-x", "sound"), ("clap", "audio")])
def test_names_that_a_recipe_could_not_say_are_refused(store: Store, folder: Path, name: str, modality: str) -> None:
    with pytest.raises(InputError, match=rf"'{name}' of '{modality}': a name has only .* sound, words, pictures"):
        import_folder(store, folder, name, modality)


def test_a_folder_must_be_there_and_hold_something(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none: a folder of <id>\.npy was wanted"):
        import_folder(store, tmp_path / "none", "clap", "sound")
    with pytest.raises(InputError, match=r"no <id>\.npy in it"):
        import_folder(store, tmp_path, "clap", "sound")


def test_a_name_that_is_no_text_is_refused(store: Store, folder: Path) -> None:
    import os

    (folder / os.fsdecode(b"\xff.npy")).write_bytes(b"")
    with pytest.raises(InputError, match=r"1 names are not text, e\.g\. '.udcff\.npy'"):
        import_folder(store, folder, "clap", "sound")


def test_what_was_not_imported_is_not_found(store: Store, folder: Path) -> None:
    with pytest.raises(StoreError, match=r"nothing was imported as 'clap', only nothing; .*--name clap"):
        find_imported(store, "clap")
    import_folder(store, folder, "openl3", "sound")
    with pytest.raises(StoreError, match="nothing was imported as 'clap', only openl3"):
        find_imported(store, "clap")


def test_two_contents_under_one_name_are_refused_with_both_digests(store: Store, folder: Path) -> None:
    first = import_folder(store, folder, "clap", "sound").fingerprint
    second = imported_fingerprint("clap", "sound", "another")  # as a second store, copied over this one, may bring it
    store.shelf(second).add(["id:1"], unit(1)[None], [""])
    one, two = sorted([first.digest, second.digest])
    with pytest.raises(StoreError, match=f"different vectors were imported as 'clap': {one} and {two}; delete"):
        find_imported(store, "clap")


def test_the_damage_of_another_shelf_does_not_hide_what_was_imported(store: Store, folder: Path) -> None:
    import_folder(store, folder, "clap", "sound")
    (store.folder / "0123").mkdir()
    (store.folder / "0123" / "fingerprint.json").write_text("{")
    assert find_imported(store, "clap").encoder == "clap"


def test_a_file_that_changes_between_check_and_reading_leaves_nothing(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heterophony.store import import_folder as module

    def change(*_: object) -> None:
        np.save(folder / "3.npy", np.ones(9, np.float32))

    monkeypatch.setattr(module, "refuse_other", change)
    with pytest.raises(InputError, match=r"changed while it was read .*nothing was imported"):
        import_folder(store, folder, "clap", "sound")
    assert not list(store.folder.glob("*/shard-*"))
