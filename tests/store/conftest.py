"""The store's tests kill processes but cut no power: they need not wait for the disk."""

from collections.abc import Iterator

import pytest

collect_ignore = ["ray_runs.py"]  # a program of its own, run by test_ray_engine


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        yield
