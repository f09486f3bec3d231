from types import FunctionType

import numpy as np

from heterophony.ensemble import subset_kernel
from heterophony.metrics import DRAWABLE


def twice(value: int) -> int:
    return 2 * value


def test_scores_are_numbered_as_the_metrics_are_named() -> None:
    assert set(subset_kernel.SCORES) == set(DRAWABLE)


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same() -> None:
    # A function of no file has no place for its machine code, as in an installation that cannot be written to.
    nowhere = FunctionType(twice.__code__.replace(co_filename="<nowhere>"), {}, "twice")
    compiled = subset_kernel._compiled(nowhere)
    assert compiled(21) == 42
    assert type(compiled._cache).__name__ == "NullCache"


def test_the_walk_meets_every_subset_that_begins_with_a_pair_once_and_in_order() -> None:
    chosen = np.array([1, 2, 0, 0])
    size, met = 2, []
    while size:
        met.append(tuple(chosen[:size].tolist()))
        size = subset_kernel.advance(chosen, size, 6)
    wanted = [(1, 2)]
    for third in range(3, 6):
        wanted.append((1, 2, third))
        wanted += [(1, 2, third, fourth) for fourth in range(third + 1, 6)]
    assert met == wanted


def test_one_compilation_serves_all_shapes() -> None:
    # Each further one would cost seconds.
    assert len(subset_kernel.walk.signatures) <= 1
