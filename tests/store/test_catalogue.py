"""What a store holds is told, damage and all, and shelves are found by what a user types."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.encoders import Fingerprint
from heterophony.errors import StoreError
from heterophony.store import Store
from heterophony.store.catalogue import find_folder, list_shelves, open_shelf, why_different

YAMNET = Fingerprint(encoder="yamnet", version="2", modality="sound", weights_sha256="cf149c90", pooling="mean")
HALF = replace(YAMNET, stored_as="float16", pooling="mean+max")
MINILM = Fingerprint(encoder="minilm", version="1", modality="words", weights_sha256="8199be6f")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    for fingerprint, dim in ((YAMNET, 4), (HALF, 8), (MINILM, 2)):
        store.shelf(fingerprint).add(["a", "b"], np.ones((2, dim), np.float32), ["", ""])
    store.shelf(YAMNET).add(["c"], np.ones((1, 4), np.float32), [""])
    return store


def test_every_shelf_is_listed_with_what_is_on_it(store: Store) -> None:
    entries = list_shelves(store)
    assert [entry.fingerprint and entry.fingerprint.encoder for entry in entries] == ["minilm", "yamnet", "yamnet"]
    (entry,) = [entry for entry in entries if entry.fingerprint == YAMNET]
    assert (entry.rows, entry.dim, entry.shards, entry.damage) == (3, 4, 2, "")
    assert entry.folder == store.folder / YAMNET.digest
    assert entry.size == sum(path.stat().st_size for path in entry.folder.iterdir())
    assert entry.written.startswith("20")
    assert entry.written.endswith("+00:00")


def test_a_record_is_json_with_the_whole_fingerprint(store: Store) -> None:
    (entry,) = [entry for entry in list_shelves(store) if entry.fingerprint == HALF]
    record = json.loads(json.dumps(entry.record()))
    assert record["fingerprint"] == asdict(HALF)
    assert (record["digest"], record["rows"], record["damage"]) == (HALF.digest, 2, None)


def test_where_there_is_no_store_there_are_no_shelves(tmp_path: Path) -> None:
    assert list_shelves(Store(tmp_path / "none")) == []
    with pytest.raises(StoreError, match="no shelf 'yamnet'; there are: none"):
        find_folder(Store(tmp_path / "none"), "yamnet")


def damage_fingerprint(folder: Path) -> None:
    (folder / "fingerprint.json").write_text("[]")


def lose_fingerprint(folder: Path) -> None:
    (folder / "fingerprint.json").unlink()


def change_fingerprint(folder: Path) -> None:
    path = folder / "fingerprint.json"
    path.write_text(path.read_text().replace('"2"', '"3"'))


def cut_vectors(folder: Path) -> None:
    path = min(folder.glob("*.npy"))
    path.write_bytes(path.read_bytes()[:-1])


def cut_index(folder: Path) -> None:
    path = min(folder.glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_fingerprint, "not a fingerprint (an object was wanted, list came)"),
        (lose_fingerprint, "there is no fingerprint.json; delete the folder"),
        (change_fingerprint, "so that it is never found; another version"),
        (cut_vectors, "vectors cannot be read"),
        (cut_index, "index cannot be read"),
    ],
)
def test_a_damaged_shelf_is_listed_with_the_reason_and_the_others_are_whole(
    store: Store, damage: object, message: str
) -> None:
    assert callable(damage)
    damage(store.folder / YAMNET.digest)
    entries = {entry.folder.name: entry for entry in list_shelves(store)}
    assert message in entries[YAMNET.digest].damage
    assert entries[YAMNET.digest].rows == 0
    assert [entries[one.digest].damage for one in (HALF, MINILM)] == ["", ""]
    with pytest.raises(StoreError, match="delete"):
        open_shelf(store.folder / YAMNET.digest).check()


def test_a_shelf_is_found_by_the_beginning_of_its_digest_or_its_encoder(store: Store) -> None:
    for name in (MINILM.digest, MINILM.digest[:6], "minilm"):
        assert find_folder(store, name) == store.folder / MINILM.digest
    assert open_shelf(find_folder(store, "minilm")).get(["a"])[0].tolist() == [[1.0, 1.0]]


def test_what_may_be_several_shelves_is_refused_with_the_candidates(store: Store) -> None:
    first, second = sorted([YAMNET.digest, HALF.digest])
    with pytest.raises(
        StoreError, match=rf"'yamnet' may be any of {first} \(yamnet\), {second} \(yamnet\); write more"
    ):
        find_folder(store, "yamnet")
    for name in ("", "nothing"):
        with pytest.raises(StoreError, match=f"no shelf '{name}'; there are: .*minilm"):
            find_folder(store, name)
    twin = store.folder / f"{MINILM.digest[:5]}x"
    twin.mkdir()
    with pytest.raises(StoreError, match=r"may be any of .*x \(damaged\)"):
        find_folder(store, MINILM.digest[:5])


def test_why_two_shelves_differ_is_told_field_by_field(store: Store) -> None:
    assert why_different(store, YAMNET.digest, HALF.digest) == [
        ("stored_as", "float32", "float16"),
        ("pooling", "mean", "mean+max"),
    ]
    assert why_different(store, "minilm", MINILM.digest[:8]) == []
    lose_fingerprint(store.folder / HALF.digest)
    with pytest.raises(StoreError, match=r"there is no fingerprint\.json"):
        why_different(store, YAMNET.digest, HALF.digest)
