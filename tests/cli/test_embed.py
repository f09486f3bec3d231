"""`heterophony embed`, end to end on recordings that the test writes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Call = Callable[..., Any]


def test_vectors_are_written_and_counted(heterophony: Call, sounds: Path, tmp_path: Path) -> None:
    said = heterophony(
        "embed", sounds, "--encoder", "ear=yamnet-scores,yamnet:mean+max", "--encoder", "minilm", "--workers", 0,
        "-o", tmp_path / "v.npz", "--store", tmp_path / "store",
    )  # fmt: skip
    assert said.code == 0
    assert "ear: 3 of 3 clips, 2569 numbers each" in said.out
    assert "minilm: 2 of 3 clips, 384 numbers each" in said.out
    assert "3 clips: 3 ok, 0 partial, 0 refused" in said.out
    with np.load(tmp_path / "v.npz") as found:
        assert [Path(name).name for name in found["ids"]] == ["low_hum.wav", "x1.wav", "beep.wav"]
        assert np.isfinite(found["ear"]).all()
        assert np.isnan(found["minilm"]).any(axis=1).tolist() == [False, True, False]


def test_what_is_refused_is_listed_and_ends_with_3(heterophony: Call, mixed: Path, tmp_path: Path) -> None:
    said = heterophony("embed", mixed, "--encoder", "yamnet", "--workers", 0, "--store", tmp_path, "--json")
    assert said.code == 3
    totals = json.loads(said.out)
    assert {key: totals[key] for key in ("clips", "ok", "partial", "refused")} == {
        "clips": 8, "ok": 3, "partial": 1, "refused": 4,
    }  # fmt: skip
    assert len(totals["not_ok"]) == 5
    assert all(one["reason"] for one in totals["not_ok"])
    again = heterophony("embed", mixed, "--encoder", "yamnet", "--workers", 0, "--store", tmp_path)
    assert again.code == 3
    assert "8 clips: 3 ok, 1 partial, 4 refused" in again.out
    assert "partial" in again.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--encoder", "yamnett"], "encoder 'yamnett' is unknown; did you mean 'yamnet'"),
        (["--encoder", "yamnet", "--encoder", "yamnet"], "'yamnet' is there twice; name one of them: OTHER=yamnet"),
        (["--encoder", "yamnet", "-o", "v.txt"], "vectors cannot be written as '.txt'"),
        (["--encoder", "yamnet", "-o", "gone/v.npz"], "make it first"),
        (["--encoder", "beats"], "weights 'beats' are not here"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_work(
    heterophony: Call,
    sounds: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    said = heterophony("embed", sounds, "--workers", 0, *arguments)
    assert said.code == 1
    assert message in said.err
