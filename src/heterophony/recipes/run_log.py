"""`log.txt` of a run: what happened, and when, in plain text."""

from datetime import UTC, datetime
from pathlib import Path

NAME = "log.txt"


def note(folder: Path, text: str) -> None:
    """Adds a line to the log of the run in `folder`: the time (UTC), then the text; line breaks become blanks."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    with (folder / NAME).open("a", encoding="utf-8") as stream:
        stream.write(f"{now}  {' '.join(text.splitlines())}\n")
