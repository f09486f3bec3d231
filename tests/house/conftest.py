"""What the house tests read: the repository, its sources, its name tables."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> list[Path]:
    """Every file of the package."""
    return sorted((ROOT / "src").rglob("*.py"))
