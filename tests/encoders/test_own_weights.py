"""Weights that the user brings: checked, converted, found again, replaced; and never trusted."""

import argparse
import json
import pickle
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from heterophony.encoders.checkpoints import CHECKPOINTS
from heterophony.encoders.own_weights import add_weights, find_weights, published
from heterophony.encoders.weights_file import sha256_of
from heterophony.errors import ConfigError, ModelError

NAME = "efficientat-mn04"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(CHECKPOINTS, NAME, replace(CHECKPOINTS[NAME], sha256=""))
    return tmp_path / "cache"


def test_a_tokenizer_is_kept_as_it_came(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"SHA-256 77ef9228.* wanted"):
        add_weights("clap-tokenizer", tmp_path / "tokenizer.json")
    (tmp_path / "tokenizer.onnx").write_bytes(b"a graph")
    with pytest.raises(ConfigError, match=r"'clap-tokenizer' cannot be read from '.onnx'; use .json"):
        add_weights("clap-tokenizer", tmp_path / "tokenizer.onnx")


def test_the_published_hash_is_that_of_the_published_kind_of_file(
    tmp_path: Path, published_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CHECKPOINTS, NAME, replace(CHECKPOINTS[NAME], sha256="0" * 64))
    save_file({"a": torch.ones(1)}, tmp_path / "mine.safetensors")
    assert add_weights(NAME, tmp_path / "mine.safetensors").path.suffix == ".safetensors"
    other = published_file.rename(tmp_path / "published.bin")  # another kind that can run code: nobody vouches for it
    with pytest.raises(ConfigError, match="not known here"):
        add_weights(NAME, other)


@pytest.fixture
def published_file(tmp_path: Path) -> Path:
    content = {
        "state_dict": {"module.a": torch.arange(6.0).reshape(2, 3), "module.n": torch.tensor(7)},
        "cfg": {"heads": 4, "deep_norm": True, "kind": "gelu", "layers": [torch.ones(2).half()]},
        "args": argparse.Namespace(lr=0.5),
        "best": np.float64(0.25),
        "nothing": None,
    }
    torch.save(content, tmp_path / "published.pt")
    return tmp_path / "published.pt"


def test_tensors_and_settings_are_found_again_under_their_published_names(published_file: Path) -> None:
    added = add_weights(NAME, published_file, sha256_of(published_file))
    assert added == find_weights(NAME)
    assert added.sha256 == sha256_of(published_file)
    tensors = load_file(added.path)
    assert set(tensors) == {"state_dict.module.a", "state_dict.module.n", "cfg.layers.0"}
    assert tensors["state_dict.module.a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (tensors["state_dict.module.n"].item(), tensors["cfg.layers.0"].dtype) == (7, torch.float32)
    assert added.settings == {
        "cfg.heads": 4, "cfg.deep_norm": True, "cfg.kind": "gelu", "args.lr": 0.5, "best": 0.25,
    }  # fmt: skip


def test_files_of_older_torch_are_read(tmp_path: Path) -> None:
    file = tmp_path / "old.pth.tar"
    torch.save({"a": torch.ones(2)}, file, _use_new_zipfile_serialization=False)
    assert load_file(add_weights(NAME, file, sha256_of(file)).path)["a"].tolist() == [1, 1]


def test_keras_files_are_read_by_the_names_of_their_groups(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "keras.h5", "w") as file:
        file["conv2d_1/conv2d_1/kernel:0"] = np.arange(4, dtype=np.float64).reshape(2, 2)
        file["names"] = np.array([b"text"])
    tensors = load_file(add_weights(NAME, tmp_path / "keras.h5").path)
    assert set(tensors) == {"conv2d_1.conv2d_1.kernel:0"}
    assert tensors["conv2d_1.conv2d_1.kernel:0"].tolist() == [[0, 1], [2, 3]]


def test_safetensors_and_onnx_need_no_expected_hash_and_replace_each_other(tmp_path: Path, own_cache: Path) -> None:
    save_file({"a": torch.ones(1)}, tmp_path / "mine.safetensors")
    (tmp_path / "graph.onnx").write_bytes(b"a graph")
    add_weights(NAME, tmp_path / "mine.safetensors")
    graph = add_weights(NAME, tmp_path / "graph.onnx")
    assert (graph.path.suffix, graph.path.read_bytes()) == (".onnx", b"a graph")
    assert graph.sha256 == sha256_of(tmp_path / "graph.onnx")
    assert [path.name for path in (own_cache / "weights").iterdir()] == [f"{NAME}.onnx"]
    assert add_weights(NAME, tmp_path / "mine.safetensors").path.suffix == ".safetensors"
    assert [path.name for path in (own_cache / "weights").iterdir()] == [f"{NAME}.safetensors"]


def test_a_pickle_of_unknown_hash_is_not_read_unless_the_user_says_what_it_is(published_file: Path) -> None:
    with pytest.raises(ConfigError, match=rf"--sha256. This file has {sha256_of(published_file)}"):
        add_weights(NAME, published_file)
    with pytest.raises(ConfigError, match="not known here"):
        add_weights(NAME, published_file, sha256_of(published_file)[:7])


def test_the_beginning_of_a_hash_is_enough_where_only_that_is_published(
    published_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = replace(CHECKPOINTS[NAME], sha256=sha256_of(published_file)[:8])
    monkeypatch.setitem(CHECKPOINTS, NAME, known)
    assert add_weights(NAME, published_file).sha256.startswith(known.sha256)


def test_another_file_than_the_published_one_is_refused(published_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHECKPOINTS, NAME, replace(CHECKPOINTS[NAME], sha256="0" * 64))
    with pytest.raises(ModelError, match=r"SHA-256 0{64} wanted"):
        add_weights(NAME, published_file)
    with pytest.raises(ModelError, match=r"SHA-256 0{64} wanted"):
        add_weights(NAME, published_file, sha256_of(published_file))


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt", ".bin", ".tar"])
def test_code_in_weights_is_not_run_and_nothing_is_left(tmp_path: Path, own_cache: Path, suffix: str) -> None:
    file, trace = tmp_path / f"evil{suffix}", tmp_path / "it-ran"
    file.write_bytes(pickle.dumps({"a": Evil(trace)}))
    with pytest.raises(ModelError, match="cannot be converted"):
        add_weights(NAME, file, sha256_of(file))
    assert not trace.exists()
    assert list((own_cache / "weights").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("weights.zip", b"x", "cannot be read from '.zip'"),
        ("weights.safetensors", b"no such thing", "cannot be converted"),
        ("weights.h5", b"no such thing", "cannot be converted"),
    ],
)
def test_what_is_no_file_of_weights_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises((ConfigError, ModelError), match=message):
        add_weights(NAME, tmp_path / name)


def test_a_file_without_tensors_is_refused(tmp_path: Path) -> None:
    torch.save({"epoch": 3}, tmp_path / "log.pt")
    with pytest.raises(ModelError, match="there is no tensor in it"):
        add_weights(NAME, tmp_path / "log.pt", sha256_of(tmp_path / "log.pt"))


def test_a_missing_file_and_missing_weights_say_where_they_come_from(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no such file; wanted is mn04_as_mAP_432\.pt from https"):
        add_weights(NAME, tmp_path / "gone.pt")
    with pytest.raises(ModelError, match=rf"{NAME}' are not here.*heterophony weights add {NAME} FILE"):
        find_weights(NAME)


def test_damaged_weights_are_told_from_missing_ones(published_file: Path) -> None:
    kept = add_weights(NAME, published_file, sha256_of(published_file)).path
    kept.write_bytes(kept.read_bytes()[:40])
    with pytest.raises(ModelError, match=r"weights cannot be read.*add them again"):
        find_weights(NAME)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=f"did you mean '{NAME}'"):
        published("efficientat-mn4")


def test_every_published_checkpoint_says_what_a_user_must_know() -> None:
    for name, checkpoint in CHECKPOINTS.items():
        assert name == name.lower()
        assert checkpoint.file
        assert checkpoint.licence
        assert checkpoint.source
        assert len(checkpoint.sha256) in (0, 8, 10, 64), name
        assert not set(checkpoint.sha256) - set("0123456789abcdef"), name
    assert json.dumps(sorted(CHECKPOINTS)) == json.dumps(list(CHECKPOINTS)), "keep the names sorted"
