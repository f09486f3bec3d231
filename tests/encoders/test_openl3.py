"""OpenL3 reads Keras's HDF5 as Keras wrote it, and is the published network by a slow restatement and its size."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from heterophony.encoders import load_encoder
from heterophony.encoders.openl3 import build_openl3
from heterophony.encoders.openl3_network import OpenL3
from heterophony.errors import ModelError
from heterophony.features import openl3_log_mel

CHANNELS = [3, 4, 5, 6, 7, 8, 9, 512]
Layers = dict[str, dict[str, np.ndarray]]


def tiny_layers(first_norm: int = 1) -> Layers:
    """Layers as Keras names them, with their variables; kernels are height, width, in, out."""
    rng = np.random.default_rng(5)
    layers: Layers = {}
    for index, (coming, out) in enumerate(zip([1, *CHANNELS], CHANNELS, strict=False)):
        name = f"conv2d_{index + 1}" if index < 7 else "audio_embedding_layer"
        scale = (2 / (9 * coming)) ** 0.5
        layers[name] = {"kernel": rng.normal(0, scale, (3, 3, coming, out)), "bias": rng.normal(0, 0.1, out)}
    for index, size in enumerate([1, *CHANNELS[:-1]]):
        layers[f"batch_normalization_{first_norm + index}"] = {
            "gamma": rng.uniform(0.5, 1.5, size),
            "beta": rng.normal(0, 0.2, size),
            "moving_mean": rng.normal(0, 0.2, size) - 40 * (index == 0),
            "moving_variance": rng.uniform(0.5, 1.5, size) * (200 if index == 0 else 1),
        }
    return layers


def dotted(layers: Layers) -> dict[str, Tensor]:
    """As they are found in converted weights."""
    return {
        f"{layer}.{layer}.{name}:0": torch.from_numpy(value).float()
        for layer, variables in layers.items()
        for name, value in variables.items()
    }


@pytest.fixture
def tiny(bring: Callable[[str, Path], None], own_cache: Path) -> None:
    """The weights of openl3-env are the tiny ones, in a file as Keras saves it, with the layer of the front end."""
    h5py = pytest.importorskip("h5py")
    path = own_cache / "openl3_audio_mel256_env.h5"
    if not path.is_file():
        front_end = {"freq2mel": np.zeros((1025, 256)), "real_kernels": np.zeros((2048, 1, 1, 1025))}
        with h5py.File(path, "w") as file:
            for layer, variables in {**tiny_layers(), "melspectrogram_1": front_end}.items():
                for name, value in variables.items():
                    file.create_dataset(f"{layer}/{layer}/{name}:0", data=value.astype(np.float32))
        bring("openl3-env", path)


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    noise = np.random.default_rng(4).normal(0.0, 0.1, (2, 48_000))
    return (noise * np.linspace(0.0, 1.0, 48_000)).astype(np.float32)


def slowly(layers: Layers, decibels: np.ndarray) -> Tensor:
    tensors = {layer: {name: torch.from_numpy(x).float() for name, x in xs.items()} for layer, xs in layers.items()}

    def norm(x: Tensor, number: int) -> Tensor:
        part = {name: value[:, None, None] for name, value in tensors[f"batch_normalization_{number}"].items()}
        scale = part["gamma"] / torch.sqrt(part["moving_variance"] + 0.001)
        return (x - part["moving_mean"]) * scale + part["beta"]

    def conv(x: Tensor, name: str) -> Tensor:
        kernel = torch.einsum("hwio->oihw", tensors[name]["kernel"])
        return functional.conv2d(x, kernel, tensors[name]["bias"], padding="same")

    x = norm(torch.from_numpy(decibels)[:, None], 1)
    for number in range(1, 8):
        x = norm(conv(x, f"conv2d_{number}"), number + 1).clamp(min=0)
        if number in (2, 4, 6):
            x = functional.max_pool2d(x, 2)
    x = conv(x, "audio_embedding_layer")
    assert x.shape[2:] == (32, 24)
    return functional.max_pool2d(x, (32, 24)).flatten(1)


def test_the_published_network_has_its_size() -> None:
    with torch.device("meta"):
        network = OpenL3([64, 64, 128, 128, 256, 256, 512, 512]).eval()
        assert network(torch.zeros(2, 256, 199)).shape == (2, 512)
    kernels_and_biases = sum(9 * i * o + o for i, o in [(1, 64), (64, 64), (64, 128), (128, 128)])
    kernels_and_biases += sum(9 * i * o + o for i, o in [(128, 256), (256, 256), (256, 512), (512, 512)])
    norms = 2 * (1 + 64 + 64 + 128 + 128 + 256 + 256 + 512)
    assert sum(parameter.numel() for parameter in network.parameters()) == kernels_and_biases + norms == 4_687_042


@pytest.mark.usefixtures("tiny")
def test_vectors_are_those_of_the_slow_network(windows: np.ndarray) -> None:
    encoder = load_encoder("openl3-env")
    assert (encoder.rate_hz, encoder.window, encoder.hop, encoder.shortest) == (48_000, 48_000, 24_000, 48_000)
    ours = encoder.encode(windows)
    assert ours.shape == (2, 512)
    assert ours.std() > 0.1
    np.testing.assert_allclose(ours, slowly(tiny_layers(), openl3_log_mel(windows)), atol=2e-4, rtol=1e-4)
    alone = np.concatenate([encoder.encode(window[None]) for window in windows])
    assert alone.tobytes() == ours.tobytes()


def test_the_order_of_layers_counts_and_not_their_numbers(windows: np.ndarray) -> None:
    decibels = torch.from_numpy(openl3_log_mel(windows[:1]))
    first = build_openl3(dotted(tiny_layers()), {}).eval()(decibels)
    later = build_openl3(dotted(tiny_layers(first_norm=9)), {}).eval()(decibels)  # 9, 10, 11 ...
    assert torch.equal(first, later)


@pytest.mark.parametrize(
    ("missing", "more", "said"),
    [
        ("conv2d_3.conv2d_3.kernel:0", {}, "weight"),
        ("batch_normalization_2.batch_normalization_2.moving_mean:0", {}, "running_mean"),
        ("", {"dense_1.dense_1.kernel:0": torch.zeros(3)}, "unexpected are dense_1"),
        ("", {"conv2d_9.conv2d_9.kernel:0": torch.zeros(3, 3, 1, 1)}, "9 and 8 found"),
    ],
)
def test_tensors_of_another_network_are_refused(
    missing: str,
    more: dict[str, Tensor],
    said: str,
    lay: Callable[[str, dict[str, Tensor]], None],
    windows: np.ndarray,
) -> None:
    tensors = dotted(tiny_layers()) | more
    tensors.pop(missing, None)
    lay("openl3-music", tensors)
    with pytest.raises(ModelError, match=f"not the weights of such a network.*{said}"):
        load_encoder("openl3-music").encode(windows)
