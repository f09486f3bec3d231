"""Writes docs/cli.md from what the program says of itself: `python tools/cli_reference.py`; `--check` compares."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from heterophony.cli import app

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
HEAD = """# Command line

Written by `python tools/cli_reference.py` from the program's own help; a test compares the two.

Exit codes: 0 all good; 3 some files were refused, and the others are done; 1 failed, with one message on standard error
that says what was wanted, what came and what to try; 2 an option that does not exist.
"""
WIDTH = 100


def sections(command: Any, name: str) -> Iterator[str]:  # noqa: ANN401 - of typer or click, as installed
    """The help of a command, then of those below it."""
    context = command.make_context(name, [], resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH)
    yield f"## {name}\n\n```text\n{context.get_help().strip()}\n```\n"
    for child, below in getattr(command, "commands", {}).items():
        yield from sections(below, f"{name} {child}")


def reference() -> str:
    """The whole page."""
    return "\n".join([HEAD, *sections(typer.main.get_command(app), "heterophony")])


def main() -> None:
    """Writes the page, or with `--check` ends with 1 if it is not up to date."""
    text = reference()
    if sys.argv[1:] == ["--check"]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            sys.exit(f"{PAGE.name} is not up to date: run python tools/cli_reference.py")
        return
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
