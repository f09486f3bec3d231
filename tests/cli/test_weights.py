"""`heterophony weights` and `heterophony encoders`: what is here, what is missing, how it gets here."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from heterophony.encoders import ENCODERS
from heterophony.encoders.checkpoints import CHECKPOINTS

Call = Callable[..., Any]
NAME = "efficientat-mn04"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path / "cache"))


def test_the_list_says_what_is_wanted_and_from_where(heterophony: Call) -> None:
    said = heterophony("weights", "list")
    assert said.code == 0
    assert f"{NAME}: not here" in said.out
    assert "mn04_as_mAP_432.pt, SHA-256 899a8c62" in said.out
    assert all(f"{name}: " in said.out for name in CHECKPOINTS)


def test_what_is_added_is_here(heterophony: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHECKPOINTS, NAME, replace(CHECKPOINTS[NAME], sha256=""))
    save_file({"a": torch.ones(1)}, tmp_path / "mine.safetensors")
    added = heterophony("weights", "add", NAME, tmp_path / "mine.safetensors")
    assert (added.code, added.err) == (0, "")
    assert f"{NAME}: here" in heterophony("weights", "list").out
    (tmp_path / "cache" / "weights" / f"{NAME}.safetensors").write_bytes(b"{")
    assert f"{NAME}: damaged" in heterophony("weights", "list").out


def test_another_file_is_refused_in_one_line(heterophony: Call, tmp_path: Path) -> None:
    (tmp_path / "mn04_as_mAP_432.pt").write_bytes(b"not it")
    said = heterophony("weights", "add", NAME, tmp_path / "mn04_as_mAP_432.pt")
    assert said.code == 1
    assert "not the expected weights" in said.err
    assert said.err.count("\n") == 1


def test_every_encoder_is_ready_or_says_what_is_missing(heterophony: Call) -> None:
    rows = {row["name"]: row for row in json.loads(heterophony("encoders", "--json").out)}
    assert list(rows) == list(ENCODERS)
    assert rows["yamnet"] == {"name": "yamnet", "modality": "sound", "dim": 1024, "missing": ""}
    assert rows["minilm"] == {"name": "minilm", "modality": "words", "dim": 384, "missing": ""}
    assert (rows[NAME]["dim"], "weights add" in rows[NAME]["missing"]) == (384, True)
    lines = heterophony("encoders").out.splitlines()
    assert lines[list(rows).index(NAME)].split() == [NAME, "sound", "384", "missing"]
    assert "heterophony weights list" in lines[-1]
