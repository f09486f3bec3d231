"""Every command and option says what it is for, and the reference page is what the program says of itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from heterophony.cli import app


def commands(group: Any, name: str = "heterophony") -> Iterator[tuple[str, Any]]:
    """Every command with its full name, groups too."""
    yield name, group
    for child, command in getattr(group, "commands", {}).items():
        yield from commands(command, f"{name} {child}")


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    assert len(COMMANDS[name].help or "") > 10


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_has_help(name: str) -> None:
    lacking = [one.name for one in COMMANDS[name].params if one.name != "help" and not getattr(one, "help", None)]
    assert lacking == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_in_the_docs(root: Path, name: str) -> None:
    assert f"## {name}\n" in (root / "docs" / "cli.md").read_text(encoding="utf-8")
