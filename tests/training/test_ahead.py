"""A thread that makes things while others are used: order, errors, its end, what waiting cost."""

import threading
import time
import traceback
from collections.abc import Iterator

import pytest

from heterophony.training.ahead import ahead


def names() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("ahead")]


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_all_items_come_in_order_and_the_thread_ends(depth: int) -> None:
    with ahead(iter(range(100)), depth) as items:
        assert list(items) == list(range(100))
    assert names() == []


def test_no_items_are_no_items() -> None:
    with ahead(iter(())) as items:
        assert list(items) == []
        assert next(items, None) is None


@pytest.mark.parametrize("depth", [1, 2])
def test_it_is_as_far_ahead_as_it_may_be_and_no_further(depth: int) -> None:
    made = []

    def numbers() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    with ahead(numbers(), depth) as items:
        for taken in range(1, 5):
            assert next(items) == taken - 1
            wanted = taken + depth
            deadline = time.monotonic() + 5
            while len(made) < wanted and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(0.01)
            assert len(made) == wanted
    assert len(made) == 4 + depth
    assert names() == []


def test_items_are_made_in_one_other_thread() -> None:
    with ahead(threading.current_thread().name for _ in range(20)) as items:
        found = set(items)
    assert len(found) == 1
    assert found != {threading.current_thread().name}


def test_an_error_is_raised_where_its_item_is_wanted_with_the_traceback_of_the_thread() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the third is broken")

    with ahead(numbers()) as items:
        assert next(items) == 1
        assert next(items) == 2
        with pytest.raises(ValueError, match="the third is broken") as raised:
            next(items)
        assert "numbers" in [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)]
        assert list(items) == []
    assert names() == []


def test_the_thread_ends_when_the_consumer_fails() -> None:
    def use() -> None:
        with ahead(iter(range(1000))) as items:
            for item in items:
                if item == 3:
                    raise KeyError("consumer")

    with pytest.raises(KeyError, match="consumer"):
        use()
    assert names() == []


def test_it_tells_how_long_it_was_waited_for() -> None:
    def slow() -> Iterator[int]:
        for number in range(3):
            time.sleep(0.05)
            yield number

    with ahead(slow()) as items:
        list(items)
    assert 0.1 < items.waited < 1
    with ahead(slow()) as items:
        for _ in items:
            time.sleep(0.1)
    assert items.waited < 0.1  # the first one only; the others are made while the consumer sleeps
