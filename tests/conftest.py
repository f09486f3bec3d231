"""Fixtures that every room's tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the development data; the test is skipped where it is absent."""
    given = os.environ.get("HETEROPHONY_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no development data: set HETEROPHONY_DATA to its folder")
    return folder
