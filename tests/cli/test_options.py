from pathlib import Path

import pytest

from heterophony.cli.options import Device, default_store, open_store, pairs_of, pick_device, worker_count
from heterophony.errors import ConfigError


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


def test_pairs_are_parted_at_the_first_equals_sign() -> None:
    assert pairs_of(None, "--extra") == {}
    assert pairs_of(["sound@ESC-50=a=b.npz:x", "words=w"], "--features") == {"sound@ESC-50": "a=b.npz:x", "words": "w"}


@pytest.mark.parametrize("text", ["x", "=x", "x=", "="])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=f"--extra {text}: wanted NAME=VALUE"):
        pairs_of([text], "--extra")


def test_a_name_that_comes_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"--extra a=\.\.\.: given twice, 1 and 2"):
        pairs_of(["a=1", "a=2"], "--extra")
