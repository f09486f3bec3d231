"""ConvNeXt on AudioSet is the published network: its size, and the numbers of timm's network with the same tensors."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from heterophony.encoders import load_encoder
from heterophony.encoders.convnext import build_convnext
from heterophony.encoders.convnext_network import ConvNext
from heterophony.encoders.torchvision_models import timm_models
from heterophony.errors import ModelError
from heterophony.features import convnext_log_mel

DEPTHS, DIMS = (1, 2, 3, 1), (8, 12, 20, 768)


@pytest.fixture(scope="module")
def tensors(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> dict[str, Tensor]:
    """A tiny checkpoint, names as published, with the parts of the published one that are not used."""
    drawn = random_tensors(ConvNext(224, DEPTHS, DIMS))
    drawn["bn0.running_mean"] -= 40  # decibels
    drawn["bn0.running_var"] *= 100
    unused = {
        "spectrogram_extractor.stft.conv_real.weight": (513, 1, 1024),
        "spectrogram_extractor.stft.conv_imag.weight": (513, 1, 1024),
        "logmel_extractor.melW": (513, 224),
        "norm.weight": (768,),
        "norm.bias": (768,),
        "head_audioset.weight": (527, 768),
        "head_audioset.bias": (527,),
    }
    return drawn | {name: torch.zeros(shape) for name, shape in unused.items()}


@pytest.fixture
def tiny(tensors: dict[str, Tensor], bring: Callable[[str, Path], None], own_cache: Path) -> None:
    """The weights are the tiny ones, nested as published."""
    if not (own_cache / "tiny.pth").is_file():
        torch.save({"iteration": 700, "model": tensors}, own_cache / "tiny.pth")
        bring("convnext-tiny-audioset", own_cache / "tiny.pth")


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    return np.random.default_rng(4).normal(0.0, 0.1, (2, 70_001)).astype(np.float32)


def by_timm(tensors: dict[str, Tensor], windows: np.ndarray) -> Tensor:
    """The mean of the last feature map by timm's network."""
    theirs = timm_models("convnext").ConvNeXt(in_chans=1, depths=DEPTHS, dims=DIMS).eval()
    theirs.stem[0] = nn.Conv2d(1, DIMS[0], 4, 4, padding=(4, 0))
    names = {
        "downsample_layers.0.": "stem.",
        **{f"downsample_layers.{stage}.": f"stages.{stage}.downsample." for stage in (1, 2, 3)},
        **{f"stages.{s}.{b}.": f"stages.{s}.blocks.{b}." for s in range(4) for b in range(DEPTHS[s])},
    }
    parts = {"dwconv": "conv_dw", "pwconv1": "mlp.fc1", "pwconv2": "mlp.fc2", "gamma": "gamma", "norm": "norm"}
    renamed = {}
    for name, tensor in tensors.items():
        for ours, other in names.items():
            if name.startswith(ours):
                part, _, rest = name.removeprefix(ours).partition(".")
                renamed[f"{other}{parts.get(part, part)}{rest and '.' + rest}"] = tensor
    left = theirs.load_state_dict(renamed, strict=False)
    assert left.unexpected_keys == []
    assert all(name.startswith("head.") for name in left.missing_keys)
    decibels = torch.from_numpy(convnext_log_mel(windows))
    mean, var = tensors["bn0.running_mean"], tensors["bn0.running_var"]
    normal = (decibels - mean) / torch.sqrt(var + 1e-5) * tensors["bn0.weight"] + tensors["bn0.bias"]
    with torch.no_grad():
        return theirs.forward_features(normal[:, None]).mean((2, 3))


def test_the_published_network_has_its_size() -> None:
    with torch.device("meta"):
        network = ConvNext(224, (3, 3, 9, 3), (96, 192, 384, 768)).eval()
        assert network(torch.zeros(2, 1001, 224)).shape == (2, 768)
    used = sum(parameter.numel() for parameter in network.parameters())
    norm, head = 2 * 768, 527 * 769
    assert used + norm + head == 28_222_767  # what the published demonstration prints


@pytest.mark.usefixtures("tiny")
def test_vectors_are_those_of_timm(tensors: dict[str, Tensor], windows: np.ndarray) -> None:
    for some in (windows, windows[:, :32_000]):
        ours = load_encoder("convnext-tiny-audioset").encode(some)
        assert ours.shape == (2, 768)
        assert ours.std() > 0.1
        np.testing.assert_allclose(ours, by_timm(tensors, some), atol=1e-4, rtol=1e-4)


@pytest.mark.usefixtures("tiny")
def test_a_window_has_the_same_bytes_alone_and_beside_others(windows: np.ndarray) -> None:
    encoder = load_encoder("convnext-tiny-audioset")
    assert (encoder.rate_hz, encoder.window, encoder.shortest) == (32_000, 960_000, 32_000)
    alone = np.concatenate([encoder.encode(window[None]) for window in windows])
    assert alone.tobytes() == encoder.encode(windows).tobytes()


def test_names_may_lack_the_prefix(tensors: dict[str, Tensor]) -> None:
    nested = {f"model.{name}": tensor for name, tensor in tensors.items()} | {"sampler.pointer": torch.tensor(3)}
    decibels = torch.zeros(1, 101, 224)
    first, second = (build_convnext(some, {}).eval()(decibels) for some in (tensors, nested))
    assert torch.equal(first, second)


@pytest.mark.parametrize("name", ["stages.2.0.dwconv.weight", "downsample_layers.1.1.weight", "bn0.weight"])
def test_tensors_of_another_network_are_refused(
    name: str, tensors: dict[str, Tensor], lay: Callable[[str, dict[str, Tensor]], None], windows: np.ndarray
) -> None:
    lay("convnext-tiny-audioset", {key: tensor for key, tensor in tensors.items() if key != name})
    with pytest.raises(ModelError, match="not the weights of such a network"):
        load_encoder("convnext-tiny-audioset").encode(windows[:, :32_000])
