"""`embed`, `classify` and `predict` take the same `--engine`, and work where it says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heterophony.media import run_in_workers
from heterophony.store import engines

Call = Callable[..., Any]
ASKED: list[str] = []


def fake_ray(*arguments: Any, **settings: Any) -> Any:
    """Stands for a cluster: notes that it was asked, and does the work here."""
    ASKED.append("ray")
    return run_in_workers(*arguments, **settings | {"workers": 0})


@pytest.fixture
def commands(run_folder: Path, sounds: Path, tmp_path: Path) -> dict[str, list[object]]:
    return {
        "embed": ["embed", sounds, "--encoder", "yamnet", "-o", tmp_path / "v.npz"],
        "classify": ["classify", sounds, "--model", run_folder, "-o", tmp_path / "v.csv"],
        "predict": ["predict", sounds, "--model", run_folder, "-o", tmp_path / "v.npz"],
    }


@pytest.mark.parametrize("name", ["embed", "classify", "predict"])
def test_a_command_works_where_it_is_told_and_gives_the_same_bytes(
    heterophony: Call, commands: dict[str, list[object]], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = engines.engine_named
    monkeypatch.setattr(
        "heterophony.store.embed.engine_named", lambda engine: fake_ray if engine == "ray" else real(engine)
    )
    output = Path(str(commands[name][-1]))
    written = []
    for engine in ("local", "ray"):
        ASKED.clear()
        assert heterophony(*commands[name], "--no-store", "--workers", 0, "--engine", engine).code == 0
        assert len(ASKED) == (engine == "ray")
        written.append(output.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("name", ["embed", "classify", "predict"])
def test_another_engine_is_refused_with_those_that_there_are(
    heterophony: Call, commands: dict[str, list[object]], name: str
) -> None:
    said = heterophony(*commands[name], "--engine", "spark")
    assert said.code == 2
    assert "'spark' is not one of 'local', 'ray'" in said.err
