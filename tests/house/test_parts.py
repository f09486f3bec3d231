"""A part is one file, one line in its room's name table, one test file, one entry of the docs (style.md 3d)."""

from pathlib import Path

import pytest

from heterophony.augment import (
    AUGMENTATIONS,
    PICTURE_AUGMENTATIONS,
    SPECTROGRAM_AUGMENTATIONS,
    WAVEFORM_AUGMENTATIONS,
)
from heterophony.encoders import ENCODERS
from heterophony.ensemble import ENSEMBLES
from heterophony.fusion import FUSIONS
from heterophony.losses import LOSSES
from heterophony.metrics import METRICS
from heterophony.models import MODELS
from heterophony.recipes.priors import PRIORS
from heterophony.taxonomy import TAXONOMIES
from heterophony.weighting import CONFIDENCES, WEIGHTINGS

OF_CLASSES = {
    "augment": AUGMENTATIONS | WAVEFORM_AUGMENTATIONS | SPECTROGRAM_AUGMENTATIONS | PICTURE_AUGMENTATIONS,
    "ensemble": ENSEMBLES,
    "fusion": FUSIONS,
    "losses": LOSSES,
    "models": MODELS,
    "recipes": PRIORS,
}
OF_PATHS = {
    "encoders": {name: path for name, (path, _) in ENCODERS.items()},
    "metrics": {name: metric.where for name, metric in METRICS.items()},
    "taxonomy": {name: f"heterophony.taxonomy.{name}:{name.upper()}" for name in TAXONOMIES},
    "weighting": {
        **{name: f"heterophony.weighting.classes:{name}" for name in WEIGHTINGS},
        **{name: f"heterophony.weighting.confidence:{name}" for name in CONFIDENCES},
    },
}
PARTS = [
    *((room, name, part.__module__) for room, table in OF_CLASSES.items() for name, part in table.items()),
    *((room, name, path.partition(":")[0]) for room, table in OF_PATHS.items() for name, path in table.items()),
]


def documented(page: Path) -> set[str]:
    """The titles of the second level."""
    lines = page.read_text(encoding="utf-8").splitlines() if page.is_file() else []
    return {line.removeprefix("## ").strip() for line in lines if line.startswith("## ")}


@pytest.mark.parametrize(("room", "name", "module"), PARTS, ids=lambda value: str(value))
def test_every_part_has_its_file_its_tests_and_its_entry_in_the_docs(
    root: Path, room: str, name: str, module: str
) -> None:
    _, where, file = module.split(".")
    wanted = [
        root / "src" / "heterophony" / where / f"{file}.py",
        root / "tests" / where / f"test_{file}.py",
    ]
    missing = [str(path.relative_to(root)) for path in wanted if not path.is_file()]
    assert not missing, f"{name!r} of {room}: add {', '.join(missing)}"
    assert name in documented(root / "docs" / "rooms" / f"{room}.md"), (
        f"{name!r} of {room}: docs/rooms/{room}.md has no entry `## {name}`: what it is, formula, parameters, source"
    )


@pytest.mark.parametrize("room", [*OF_CLASSES, *OF_PATHS])
def test_names_of_parts_are_written_small(room: str) -> None:
    names = list(OF_CLASSES.get(room) or OF_PATHS[room])
    assert names
    assert all(name == name.lower() and " " not in name for name in names)


def test_a_part_without_docs_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "losses.md"
    page.write_text("# losses\n\n## poly\n\n### not this\n", encoding="utf-8")
    assert documented(page) == {"poly"}
    assert documented(tmp_path / "none.md") == set()


def test_every_room_has_a_page_and_a_folder_of_tests(root: Path) -> None:
    rooms = {path.parent.name for path in (root / "src" / "heterophony").glob("*/__init__.py")}
    for room in sorted(rooms):
        assert (root / "docs" / "rooms" / f"{room}.md").is_file(), f"docs/rooms/{room}.md is missing"
        assert list((root / "tests" / room).glob("test_*.py")), f"tests/{room} has no tests"


def test_every_page_of_a_room_is_in_the_menu_of_the_docs(root: Path) -> None:
    menu = (root / "mkdocs.yml").read_text(encoding="utf-8")
    pages = sorted(page.relative_to(root / "docs") for page in (root / "docs").rglob("*.md"))
    assert pages
    missing = [str(page) for page in pages if str(page) not in menu]
    assert not missing, f"mkdocs.yml does not list {', '.join(missing)}"
