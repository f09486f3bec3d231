"""What was run is written down without paths of this machine, and can be run again."""

import shlex
from pathlib import Path

import pytest

from heterophony.errors import InputError
from heterophony.recipes.command_file import again, in_words, read_command, told, write_command

OPTIONS = [("--data", "…/m x.csv"), ("--seed", "3"), ("--split", "s.csv"), ("--group", "uploader"), ("--fold", "1")]


def test_it_is_read_back_and_a_shell_can_take_it(tmp_path: Path) -> None:
    write_command("esc50/hatr", OPTIONS, tmp_path)
    found = read_command(tmp_path)
    assert found == ("esc50/hatr", OPTIONS)
    assert shlex.split(in_words(*found)) == [
        "heterophony",
        "train",
        "esc50/hatr",
        *(x for pair in OPTIONS for x in pair),
    ]


def test_again_takes_recipe_and_split_of_the_run_and_what_else_decided_it() -> None:
    assert again(OPTIONS) == (
        "heterophony train recipe.yaml --data DATA --split split.csv --out ../again --group uploader --fold 1"
    )


def test_no_path_of_this_machine_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert told(tmp_path / "data" / "m.csv") == "data/m.csv"
    assert told(tmp_path.parent / "m.csv") == "…/m.csv"
    assert told("../m.csv") == "../m.csv"


def test_none_or_a_broken_one(tmp_path: Path) -> None:
    assert read_command(tmp_path) is None
    for text in ("{", "[]", '{"recipe": "a"}', '{"recipe": "a", "options": [1]}'):
        (tmp_path / "command.json").write_text(text)
        with pytest.raises(InputError, match=r"command\.json: not what `heterophony train` writes"):
            read_command(tmp_path)
