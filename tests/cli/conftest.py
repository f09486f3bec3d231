"""The command line as a user calls it, in this process: what it prints, and how it ends."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from heterophony.cli import main


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str


@pytest.fixture
def heterophony(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store_folder: Path
) -> Callable[..., Said]:
    """Calls `heterophony` with the arguments; the store is that of the session, the terminal 200 columns wide."""
    monkeypatch.setenv("HETEROPHONY_STORE", str(store_folder))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["heterophony", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return Said(int(end.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory, write_sound: Callable[..., Path]) -> Path:
    """A folder of three good recordings, one below another folder."""
    folder = tmp_path_factory.mktemp("sounds")
    write_sound(folder / "low_hum.wav", "low", seed=51)
    write_sound(folder / "more" / "beep.wav", "high", seed=52)
    write_sound(folder / "x1.wav", "noise", seed=53)
    return folder


@pytest.fixture
def mixed(sounds: Path, tmp_path: Path) -> Path:
    """The same recordings among broken ones, and a silent one."""
    import shutil

    import numpy as np
    import soundfile

    folder = Path(shutil.copytree(sounds, tmp_path / "mixed"))
    (folder / "empty.wav").write_bytes(b"")
    (folder / "letter.mp3").write_text("Dear sir")
    (folder / "a_tail.wav").write_bytes((sounds / "x1.wav").read_bytes()[:30])
    soundfile.write(folder / "short.wav", np.ones(1), 16000)
    soundfile.write(folder / "still.wav", np.zeros(16000), 16000)
    return folder
