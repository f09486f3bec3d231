"""Where each key of a shelf is: hashes of all keys, sorted, beside the places of their vectors.

A million keys take 24 MB and some tenths of a second to sort; ten thousand are found in hundredths of a second. Keys,
notes and vectors stay on the disk until they are asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int64, UInt64

from heterophony.errors import StoreError
from heterophony.store.shard import Shard, key_hashes


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The keys of some shards. `Index()` has none; `with_shards` gives a bigger one.

    A place is the number of a vector if all shards lay one after the other.

    Attributes:
        shards: In the order of their places.
        starts: Place of the first vector of each shard.
        hashes: Of the keys, sorted by the first of the two numbers; a key that is in several shards is here once.
        places: Of the vectors, in the order of `hashes`.
    """

    shards: tuple[Shard, ...] = ()
    starts: Int64[np.ndarray, " shards"] = field(default_factory=lambda: np.zeros(0, np.int64))
    hashes: UInt64[np.ndarray, "2 n"] = field(default_factory=lambda: np.zeros((2, 0), np.uint64))
    places: Int64[np.ndarray, " n"] = field(default_factory=lambda: np.zeros(0, np.int64))

    def with_shards(self, new: Sequence[Shard]) -> "Index":
        """This index and more shards. Of a key that is there twice the first vector counts."""
        shards = (*self.shards, *new)
        sizes = np.array([len(shard) for shard in shards], np.int64)
        total, added = int(sizes.sum()), sum(len(shard) for shard in new)
        places = np.concatenate([self.places, np.arange(total - added, total)])
        hashes = np.concatenate([self.hashes, *(shard.hashes for shard in new)], axis=1)
        order = np.argsort(hashes[0], kind="stable")
        hashes, places = hashes[:, order], places[order]
        again = (hashes[0, 1:] == hashes[0, :-1]) & (hashes[1, 1:] == hashes[1, :-1])
        if again.any():
            once = np.insert(~again, 0, True)
            hashes, places = hashes[:, once], places[once]
        return Index(shards, np.cumsum(sizes) - sizes, hashes, places)

    def find(self, keys: Sequence[str]) -> Int64[np.ndarray, " keys"]:
        """The place of each key, -1 where there is none."""
        high, low = key_hashes(keys)
        at = np.searchsorted(self.hashes[0], high)
        found = np.full(len(keys), -1, np.int64)
        left = np.arange(len(keys))
        while True:  # once, unless two keys share the first number
            left = left[at[left] < len(self.places)]
            left = left[self.hashes[0, at[left]] == high[left]]
            if not len(left):
                return found
            same = self.hashes[1, at[left]] == low[left]
            found[left[same]] = self.places[at[left[same]]]
            left = left[~same]
            at[left] += 1

    def texts(self, column: str, places: Int64[np.ndarray, " n"]) -> list[str]:
        """The keys ("key") or notes ("note") at these places.

        Raises:
            FileNotFoundError: A shard has become part of a bigger one.
            StoreError: An index on the disk is damaged.
        """
        texts = np.empty(len(places), dtype=object)
        for shard, rows, where in self._by_shard(places):
            texts[where] = shard.texts(column, rows)
        found: list[str] = texts.tolist()
        return found

    def vectors(self, places: Int64[np.ndarray, " n"]) -> Float[np.ndarray, "n dim"]:
        """The vectors at these places, as they are stored; `[0, 0]` for no place.

        Raises:
            FileNotFoundError: A shard has become part of a bigger one.
            StoreError: Vectors are damaged, or not all of one length.
        """
        dim = 0
        gathered: Float[np.ndarray, "n dim"] = np.zeros((0, 0), np.float32)
        for shard, rows, where in self._by_shard(places):
            vectors = shard.vectors(rows)
            dim = _one_dim(shard, dim, vectors.shape[1])
            if not gathered.size:
                gathered = np.empty((len(places), dim), vectors.dtype)
            gathered[where] = vectors
        return gathered

    def check(self) -> int:
        """Opens the vectors of every shard; gives the numbers per vector, 0 if there is none.

        Raises:
            FileNotFoundError: A shard has become part of a bigger one.
            StoreError: Vectors are damaged, or not all of one length.
        """
        dim = 0
        for shard in self.shards:
            dim = _one_dim(shard, dim, shard.vectors(np.zeros(0, np.int64)).shape[1])
        return dim

    def shard_of(self, places: Int64[np.ndarray, " n"]) -> Int64[np.ndarray, " n"]:
        """The number of the shard that each place lies in."""
        return np.searchsorted(self.starts, places, side="right").astype(np.int64) - 1

    def _by_shard(
        self, places: Int64[np.ndarray, " n"]
    ) -> Iterator[tuple[Shard, Int64[np.ndarray, " m"], Int64[np.ndarray, " m"]]]:
        """(Shard, rows in it in rising order, where in `places`) for every shard that is needed."""
        order = np.argsort(places, kind="stable")
        numbers = self.shard_of(places[order])
        cuts = np.flatnonzero(np.diff(numbers)) + 1
        for where in np.split(order, cuts) if len(places) else ():
            number = int(self.shard_of(places[where[:1]])[0])
            yield self.shards[number], places[where] - self.starts[number], where


def _one_dim(shard: Shard, before: int, dim: int) -> int:
    """`dim`, if it is that of the shards before."""
    if before and dim != before:
        raise StoreError(
            f"{shard.path.with_suffix('.npy')}: vectors of {dim} numbers, those of other shards have {before}; delete "
            "both files of the shard that is wrong"
        )
    return dim
