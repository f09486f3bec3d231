"""A checkpoint is converted once, only if it is the expected one, and never run."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from heterophony.encoders.checkpoint import as_safetensors, cache_folder
from heterophony.encoders.weights_file import sha256_of
from heterophony.errors import ModelError


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_cache_is_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("HETEROPHONY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "heterophony"


def test_every_tensor_is_kept_and_floats_become_float32(tmp_path: Path, own_cache: Path) -> None:
    file = tmp_path / "tiny.pth"
    torch.save({"a": torch.arange(6.0).reshape(2, 3), "n": torch.tensor(7), "h": torch.ones(2).half()}, file)
    converted = as_safetensors(file, sha256_of(file), "tiny")
    tensors = load_file(converted)
    assert set(tensors) == {"a", "n", "h"}
    np.testing.assert_array_equal(tensors["a"], np.arange(6.0).reshape(2, 3))
    assert tensors["h"].dtype == np.float32
    assert list(own_cache.iterdir()) == [converted]
    before = converted.stat().st_mtime_ns
    assert as_safetensors(file, sha256_of(file), "tiny").stat().st_mtime_ns == before


def test_another_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "tiny.pth"
    file.write_bytes(b"something else")
    with pytest.raises(ModelError, match="not the expected weights"):
        as_safetensors(file, "0" * 64, "tiny")


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_code_in_a_checkpoint_is_not_run_and_nothing_is_left(tmp_path: Path, own_cache: Path) -> None:
    file, trace = tmp_path / "evil.pth", tmp_path / "it-ran"
    file.write_bytes(pickle.dumps({"a": Evil(trace)}))
    with pytest.raises(ModelError, match="cannot be converted"):
        as_safetensors(file, sha256_of(file), "evil")
    assert not trace.exists()
    assert list(own_cache.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tiny.pth"
    torch.save({"a": torch.ones(1)}, file)
    monkeypatch.setenv("HETEROPHONY_CACHE", str(file / "below-a-file"))
    with pytest.raises(ModelError, match="set HETEROPHONY_CACHE"):
        as_safetensors(file, sha256_of(file), "tiny")
