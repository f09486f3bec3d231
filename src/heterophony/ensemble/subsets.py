"""Every subset of a pool of members, numbered: by size, and within one size in lexicographic order.

That is the order in which `itertools.combinations` gives the sizes one after the other, which the audio-text report
searches; ties between subsets go to the lowest number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

from heterophony.errors import ConfigError


@dataclass(frozen=True)
class Subsets:
    """The subsets of `pool` members that have `smallest` to `largest` of them.

    Attributes:
        pool: Members to choose from, 0..pool - 1.
        smallest: At least 2.
        largest: At most 7: sums of more members are not kept apart as `candidates.py` promises.

    Raises:
        ConfigError: If the sizes are impossible.
    """

    pool: int
    smallest: int = 2
    largest: int = 5

    def __post_init__(self) -> None:
        if not 2 <= self.smallest <= self.largest <= min(7, self.pool):
            raise ConfigError(
                f"subsets of {self.smallest} to {self.largest} out of {self.pool} members: wanted 2 <= smallest <= "
                "largest <= 7, and at least as many members"
            )

    def __len__(self) -> int:
        return sum(comb(self.pool, size) for size in self.sizes)

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return (self.members(index) for index in range(len(self)))

    @property
    def sizes(self) -> range:
        """The sizes from the smallest."""
        return range(self.smallest, self.largest + 1)

    def members(self, index: int) -> tuple[int, ...]:
        """The members of a subset by its number, ascending.

        Raises:
            ConfigError: If there is no such number.
        """
        if not 0 <= index < len(self):
            raise ConfigError(f"subset {index}: wanted 0..{len(self) - 1}")
        size = self.smallest
        while index >= comb(self.pool, size):
            index -= comb(self.pool, size)
            size += 1
        chosen: list[int] = []
        candidate = 0
        while len(chosen) < size:
            following = comb(self.pool - 1 - candidate, size - 1 - len(chosen))
            if index < following:
                chosen.append(candidate)
            else:
                index -= following
            candidate += 1
        return tuple(chosen)

    def index(self, members: tuple[int, ...]) -> int:
        """The number of a subset.

        Raises:
            ConfigError: If it is none of these subsets.
        """
        ordered = sorted(set(members))
        size = len(ordered)
        if size != len(members) or size not in self.sizes or ordered[0] < 0 or ordered[-1] >= self.pool:
            raise ConfigError(f"{members}: wanted {self.smallest} to {self.largest} different of 0..{self.pool - 1}")
        before = sum(comb(self.pool, smaller) for smaller in range(self.smallest, size))
        passed, start = 0, 0
        for place, member in enumerate(ordered):
            passed += sum(comb(self.pool - 1 - other, size - 1 - place) for other in range(start, member))
            start = member + 1
        return before + passed

    def starting_with(self, *first: int) -> dict[int, slice]:
        """For each size the numbers of the subsets whose lowest members are `first`; a slice may be empty.

        Sizes below `len(first)` are left out.
        """
        found = {}
        before = 0
        for size in self.sizes:
            if size >= len(first):
                passed, start = 0, 0
                for place, member in enumerate(first):
                    passed += sum(comb(self.pool - 1 - other, size - 1 - place) for other in range(start, member))
                    start = member + 1
                count = comb(self.pool - start, size - len(first))
                found[size] = slice(before + passed, before + passed + count)
            before += comb(self.pool, size)
        return found
