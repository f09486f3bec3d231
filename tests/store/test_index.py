"""Keys are found in whatever shards they are, also where they share half of their hash."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heterophony.errors import StoreError
from heterophony.store.index import Index
from heterophony.store.shard import Shard, key_hashes, write_shard


def shard(keys: list[str], number: int = 0) -> Shard:
    """A shard that is only in memory."""
    return Shard(Path(f"shard-{number}.parquet"), key_hashes(keys), "float32")


GROUPS = st.lists(st.lists(st.text("abc", max_size=2), max_size=5), max_size=5)


@pytest.mark.parametrize("shared", [False, True])
@settings(max_examples=60, deadline=None)
@given(groups=GROUPS, split=st.integers(0, 5))
def test_an_index_is_a_dictionary_that_keeps_the_first(shared: bool, groups: list[list[str]], split: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if shared:  # every key has the same first number
            whole = key_hashes
            patch.setitem(globals(), "key_hashes", lambda keys: whole(keys) * np.array([[0], [1]], np.uint64))
            patch.setattr("heterophony.store.index.key_hashes", globals()["key_hashes"])
        shards = [shard(keys, number) for number, keys in enumerate(groups)]
        index = Index().with_shards(shards[:split]).with_shards(shards[split:])
        expected: dict[str, int] = {}
        for place, key in enumerate(key for keys in groups for key in keys):
            expected.setdefault(key, place)
        asked = ["", "a", "ab", "ca", "zz", *expected]
        assert index.find(asked).tolist() == [expected.get(key, -1) for key in asked]
        if not shared:
            assert len(index.places) == len(expected)


def test_places_are_told_apart_by_shard_and_empty_shards_do_not_matter() -> None:
    index = Index().with_shards([shard([]), shard(["a", "b"]), shard([]), shard(["c"]), shard([])])
    assert index.shard_of(np.array([0, 1, 2])).tolist() == [1, 1, 3]


def test_vectors_and_texts_come_in_the_order_of_the_places(tmp_path: Path) -> None:
    table = np.arange(12, dtype=np.float32).reshape(6, 2)
    shards = [
        write_shard(tmp_path, list(keys), [table[rows]], [key.upper() for key in keys], 2)
        for keys, rows in (("ab", [0, 1]), ("cde", [2, 3, 4]), ("f", [5]))
    ]
    index = Index().with_shards(shards)
    places = index.find(list("fcafd"))
    np.testing.assert_array_equal(index.vectors(places), table[[5, 2, 0, 5, 3]])
    assert index.texts("note", places) == list("FCAFD")
    assert index.texts("key", places) == list("fcafd")
    assert index.vectors(places[:0]).shape == (0, 0)
    assert index.check() == 2


def test_vectors_of_two_lengths_on_one_shelf_are_damage(tmp_path: Path) -> None:
    shards = [write_shard(tmp_path, [str(dim)], [np.ones((1, dim), np.float32)], [""], dim) for dim in (2, 3)]
    index = Index().with_shards(shards)
    message = rf"{shards[1].path.stem}.npy: vectors of 3 numbers, those of other shards have 2; delete both"
    with pytest.raises(StoreError, match=message):
        index.vectors(index.find(["2", "3"]))
    with pytest.raises(StoreError, match=message):
        index.check()


def test_the_hash_of_a_key_is_128_bits_of_blake2b() -> None:
    import hashlib

    keys = ["a", "Käse", "\ud800"]
    digests = [hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest() for key in keys]
    expected = [[int.from_bytes(digest[at : at + 8], "little") for digest in digests] for at in (0, 8)]
    assert key_hashes(keys).tolist() == expected
    assert key_hashes([]).shape == (2, 0)
