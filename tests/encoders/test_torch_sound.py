"""An encoder of a torch module: windows by themselves, one thread, errors that name the weights."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from jaxtyping import Float32
from safetensors.torch import save_file
from torch import nn

from heterophony.encoders.checkpoints import CHECKPOINTS
from heterophony.encoders.own_weights import add_weights
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torch_sound import TorchSound
from heterophony.errors import ModelError

NAME = "tiny"


def build(tensors: Mapping[str, torch.Tensor], settings: Mapping[str, object]) -> nn.Module:
    network = nn.Linear(*reversed(tensors["weight"].shape))
    network.load_state_dict(dict(tensors))
    return network


def flat(frames: Float32[np.ndarray, "n ..."]) -> Float32[np.ndarray, "n _"]:
    return frames.reshape(len(frames), -1).astype(np.float32)


SOUND = TorchSound(
    name=NAME, weights=NAME, prepare=lambda windows: windows * np.float32(2), build=build,
    rate_hz=8000, window=4, hop=2, shortest=4, dim=3, batch=2,
)  # fmt: skip
PICTURES = TorchPictures(
    name=NAME, weights=NAME, prepare=flat, build=build, times=(0.0, 0.5), size=1, fit="stretch", dim=3,
)  # fmt: skip


@pytest.fixture
def tensors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(CHECKPOINTS, NAME, replace(CHECKPOINTS["efficientat-mn04"], sha256=""))
    generator = torch.Generator().manual_seed(0)
    return {name: torch.randn(*shape, generator=generator) for name, shape in (("weight", (3, 4)), ("bias", (3,)))}


def add(tensors: dict[str, torch.Tensor], folder: Path) -> None:
    save_file(tensors, folder / "tiny.safetensors")
    add_weights(NAME, folder / "tiny.safetensors")


def test_a_window_gives_what_the_network_says_of_its_features(tensors: dict[str, torch.Tensor], tmp_path: Path) -> None:
    add(tensors, tmp_path)
    windows = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    expected = 2 * windows @ tensors["weight"].numpy().T + tensors["bias"].numpy()
    vectors = SOUND.encode(windows)
    np.testing.assert_allclose(vectors, expected, rtol=1e-5, atol=1e-6)
    assert SOUND.encode(windows[:0]).shape == (0, 3)
    assert SOUND.encode(windows[2:4]).tobytes() == vectors[2:4].tobytes()


def test_the_frames_of_a_second_give_one_vector(tensors: dict[str, torch.Tensor], tmp_path: Path) -> None:
    add(tensors | {"weight": torch.ones(3, 6)}, tmp_path)
    frames = np.arange(24, dtype=np.uint8).reshape(4, 2, 1, 1, 3)
    expected = frames.reshape(4, -1).sum(axis=1)[:, None] + tensors["bias"].numpy()
    np.testing.assert_allclose(PICTURES.encode(frames), expected, rtol=1e-6)
    assert PICTURES.encode(frames[:0]).shape == (0, 3)


def test_the_fingerprint_knows_the_weights_and_every_setting(tensors: dict[str, torch.Tensor], tmp_path: Path) -> None:
    add(tensors, tmp_path)
    before = SOUND.fingerprint
    others = [replace(SOUND, rate_hz=1), replace(SOUND, hop=1), replace(SOUND, channels=2), replace(SOUND, version="2")]
    assert len({before.digest, *(other.fingerprint.digest for other in others)}) == 5
    assert replace(PICTURES, fit="crop").fingerprint.differences(PICTURES.fingerprint)
    add({name: tensor + 1 for name, tensor in tensors.items()}, tmp_path)
    assert [text.partition(":")[0] for text in SOUND.fingerprint.differences(before)] == ["weights_sha256"]


def test_new_weights_under_the_same_name_make_another_network(tensors: dict[str, torch.Tensor], tmp_path: Path) -> None:
    add(tensors, tmp_path)
    windows = np.ones((1, 4), dtype=np.float32)
    before = SOUND.encode(windows)
    add({name: 3 * tensor for name, tensor in tensors.items()}, tmp_path)
    np.testing.assert_allclose(SOUND.encode(windows), 3 * before, rtol=1e-5)


def test_weights_of_another_network_are_named(tensors: dict[str, torch.Tensor], tmp_path: Path) -> None:
    add({"kernel": tensors["weight"]}, tmp_path)
    with pytest.raises(ModelError, match="not the weights of such a network"):
        SOUND.encode(np.ones((1, 4), dtype=np.float32))


def test_the_number_of_threads_is_left_as_it_was(tensors: dict[str, torch.Tensor], tmp_path: Path) -> None:
    add(tensors, tmp_path)
    before = torch.get_num_threads()
    SOUND.encode(np.ones((1, 4), dtype=np.float32))
    assert torch.get_num_threads() == before
