from pathlib import Path

import pytest

from heterophony.cli.options import Device, default_store, open_store, pick_device, worker_count


def test_the_store_is_where_the_user_says_else_in_his_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HETEROPHONY_STORE", str(tmp_path / "mine"))
    assert default_store() == tmp_path / "mine"
    monkeypatch.delenv("HETEROPHONY_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_store() == tmp_path / "cache" / "heterophony" / "store"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_store() == tmp_path / ".cache" / "heterophony" / "store"


def test_no_store_is_no_store(tmp_path: Path) -> None:
    assert open_store(tmp_path, none=True) is None
    assert open_store(tmp_path, none=False) is not None


def test_workers_are_as_many_as_asked_for_else_one_per_core() -> None:
    assert worker_count(0) == 0
    assert worker_count(5) == 5
    assert worker_count(None) >= 1


def test_the_cpu_is_always_there() -> None:
    assert pick_device(Device.cpu) == "cpu"
    assert pick_device(Device.auto) in ("cpu", "cuda", "mps")
