"""VGGish is the published network, by a slow restatement and its size."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from heterophony.encoders import load_encoder
from heterophony.encoders.vggish import Vggish
from heterophony.errors import ModelError
from heterophony.features import vggish_log_mel

PLAN = [(0, True), (3, True), (6, False), (8, True), (11, False), (13, True)]  # place of a convolution, halved after it


@pytest.fixture(scope="module")
def tensors(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> dict[str, Tensor]:
    return random_tensors(Vggish([4, 5, 6, 7, 8, 9], [30, 20, 128]))


@pytest.fixture
def tiny(tensors: dict[str, Tensor], bring: Callable[[str, Path], None], own_cache: Path) -> None:
    """The weights are the tiny ones."""
    if not (own_cache / "tiny.pth").is_file():
        torch.save(tensors, own_cache / "tiny.pth")
        bring("vggish", own_cache / "tiny.pth")


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    return np.random.default_rng(4).normal(0.0, 0.1, (3, 15_600)).astype(np.float32)


def slowly(tensors: dict[str, Tensor], patches: np.ndarray) -> Tensor:
    x = torch.from_numpy(patches)[:, None]
    for place, halved in PLAN:
        x = functional.conv2d(x, tensors[f"features.{place}.weight"], tensors[f"features.{place}.bias"], padding=1)
        x = x.clamp(min=0)
        if halved:
            x = torch.maximum(x[:, :, ::2], x[:, :, 1::2])
            x = torch.maximum(x[..., ::2], x[..., 1::2])
    vectors = x.permute(0, 2, 3, 1).reshape(len(x), -1)  # the order of TensorFlow: time, mel, channel
    for place in (0, 2, 4):
        vectors = vectors @ tensors[f"embeddings.{place}.weight"].T + tensors[f"embeddings.{place}.bias"]
        vectors = vectors.clamp(min=0)
    return vectors


def test_the_published_network_has_its_size() -> None:
    with torch.device("meta"):
        network = Vggish([64, 128, 256, 256, 512, 512], [4096, 4096, 128])
        assert network(torch.zeros(2, 96, 64)).shape == (2, 128)
        shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert sum(parameter.numel() for parameter in network.parameters()) == 72_141_184
    assert shapes["features.13.weight"] == (512, 512, 3, 3)
    assert shapes["embeddings.0.weight"] == (4096, 512 * 4 * 6)
    assert len(shapes) == 18


@pytest.mark.usefixtures("tiny")
def test_vectors_are_those_of_the_slow_network(tensors: dict[str, Tensor], windows: np.ndarray) -> None:
    ours = load_encoder("vggish").encode(windows)
    assert ours.shape == (3, 128)
    assert 0.2 < (ours == 0).mean() < 0.8
    np.testing.assert_allclose(ours, slowly(tensors, vggish_log_mel(windows)), atol=1e-5, rtol=1e-5)


@pytest.mark.usefixtures("tiny")
def test_a_window_has_the_same_bytes_alone_and_beside_others(windows: np.ndarray) -> None:
    encoder = load_encoder("vggish")
    assert (encoder.rate_hz, encoder.window, encoder.hop, encoder.shortest) == (16_000, 15_600, 15_360, 15_600)
    alone = np.concatenate([encoder.encode(window[None]) for window in windows])
    assert alone.tobytes() == encoder.encode(windows).tobytes()


@pytest.mark.parametrize("name", ["features.11.weight", "features.11.bias", "embeddings.4.weight"])
def test_tensors_of_another_network_are_refused(
    name: str, tensors: dict[str, Tensor], lay: Callable[[str, dict[str, Tensor]], None], windows: np.ndarray
) -> None:
    lay("vggish", {key: tensor for key, tensor in tensors.items() if key != name})
    with pytest.raises(ModelError, match="not the weights of such a network"):
        load_encoder("vggish").encode(windows)
