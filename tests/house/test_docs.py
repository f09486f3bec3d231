"""The pages say what the program says of itself, and every link between them leads somewhere."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.fixture
def cli_reference(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("cli_reference", root / "tools" / "cli_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_of_the_command_line_is_up_to_date(root: Path, cli_reference: ModuleType) -> None:
    written = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == cli_reference.reference(), "run python tools/cli_reference.py"


def test_links_between_pages_lead_somewhere(root: Path) -> None:
    pages = [*(root / "docs").rglob("*.md"), *root.glob("*.md")]
    broken = [
        f"{page.relative_to(root)}: {link}"
        for page in pages
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in link and not link.startswith("mailto:") and not (page.parent / link).exists()
    ]
    assert broken == []


def test_recipes_that_the_pages_and_the_readme_name_are_there(root: Path) -> None:
    from heterophony.recipes.catalogue import preset_names

    text = "\n".join(page.read_text(encoding="utf-8") for page in [*(root / "docs").rglob("*.md"), root / "README.md"])
    named = set(re.findall(r"heterophony (?:train|recipes show) ([a-z0-9][\w/-]*)(?![\w./-])", text))
    assert named
    assert named <= set(preset_names())


def test_every_key_of_a_recipe_is_explained(root: Path) -> None:
    from heterophony.recipes.spec import FitSpec, Recipe

    page = (root / "docs" / "rooms" / "recipes.md").read_text(encoding="utf-8")
    missing = [name for name in [*Recipe.model_fields, *FitSpec.model_fields] if f"`{name}`" not in page]
    assert missing == []
