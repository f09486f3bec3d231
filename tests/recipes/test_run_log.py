import re
from pathlib import Path

from heterophony.recipes.run_log import note


def test_notes_are_lines_with_a_time_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    note(tmp_path, "one")
    note(tmp_path, "two\nlines, Größe")
    lines = (tmp_path / "log.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == ["one", "two lines, Größe"]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  ", line) for line in lines)
