"""Things made by a thread while those before them are used."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """An iterator whose items a thread makes; a block (`with`) that ends the thread too.

    Attributes:
        waited: Seconds that the consumer has waited for items.
    """

    def __init__(self, items: Iterator[T], depth: int) -> None:
        self.waited = 0.0
        self._items = items
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._coming: deque[Future[T]] = deque(self._thread.submit(next, items) for _ in range(depth))

    def __iter__(self) -> "Ahead[T]":
        return self

    def __next__(self) -> T:
        """The next item; what making it raised is raised here, with the traceback of the thread."""
        if not self._coming:
            raise StopIteration
        began = perf_counter()
        try:
            item = self._coming.popleft().result()
        except BaseException:
            self.close()
            raise
        self.waited += perf_counter() - began
        self._coming.append(self._thread.submit(next, self._items))
        return item

    def close(self) -> None:
        """Ends the thread as soon as the item that it makes is done; there are no more items then."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._coming.clear()

    def __enter__(self) -> "Ahead[T]":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def ahead(items: Iterator[T], depth: int = 2) -> Ahead[T]:
    """Lets a thread run an iterator, so that its next items are made while the present one is used.

    The thread runs `items` alone: what it uses (generators of chance, open files) must be nobody else's meanwhile. The
    global random state of the framework is everybody's, so items must not draw from it. The order is that of `items`.

    Args:
        items: Is run in the thread.
        depth: Items that are made or being made beside the one in use, >= 1; bounds the memory.

    Example:
        >>> with ahead(iter("abc")) as letters:
        ...     "".join(letters)
        'abc'
    """
    return Ahead(items, depth)
