"""EfficientAT is the published network, on its published front end, and hears what is there."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor
from torch.nn import functional

from heterophony.encoders import load_encoder
from heterophony.encoders.efficientat_build import BuildEfficientAt
from heterophony.encoders.efficientat_network import BlockWidths, EfficientAt
from heterophony.encoders.own_weights import add_weights
from heterophony.errors import ModelError
from heterophony.features import efficientat_log_mel

# MobileNetV3-Large: kernel, channels inside and after the block, gated, hard swish, stride
TABLE = [
    *((3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2), (5, 120, 40, 1, 0, 1)),
    *(
        (5, 120, 40, 1, 0, 1),
        (3, 240, 80, 0, 1, 2),
        (3, 200, 80, 0, 1, 1),
        (3, 184, 80, 0, 1, 1),
        (3, 184, 80, 0, 1, 1),
    ),
    *((3, 480, 112, 1, 1, 1), (3, 672, 112, 1, 1, 1), (5, 672, 160, 1, 1, 2), (5, 960, 160, 1, 1, 1)),
    (5, 960, 160, 1, 1, 1),
]


def by_eights(value: float) -> int:
    """The nearest multiple of 8, but not more than a tenth below."""
    nearest = max(8, int(value + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * value else nearest


def published(width: float) -> EfficientAt:
    """The network of a width as published."""
    blocks = [
        BlockWidths(by_eights(width * wide), by_eights(width * out), gated * by_eights(by_eights(width * wide) // 4))
        for _, wide, out, gated, _, _ in TABLE
    ]
    last = 6 * blocks[-1].out
    return EfficientAt(by_eights(16 * width), blocks, last=last, hidden=by_eights(1280 * width), classes=527)


def tiny_tensors() -> dict[str, Tensor]:
    """A checkpoint of the same architecture with a few channels, names as published."""
    rng = torch.Generator().manual_seed(5)
    tensors: dict[str, Tensor] = {}

    def linear(name: str, *shape: int) -> None:
        tensors[f"{name}.weight"] = torch.randn(shape, generator=rng) * shape[1] ** -0.5
        tensors[f"{name}.bias"] = torch.randn(shape[0], generator=rng) * 0.1

    def unit(name: str, out: int, per_group: int, kernel: int) -> None:
        scale = (per_group * kernel**2) ** -0.5
        tensors[f"{name}.0.weight"] = torch.randn((out, per_group, kernel, kernel), generator=rng) * scale
        for norm, low in (("weight", 0.5), ("bias", -0.5), ("running_mean", -0.5), ("running_var", 0.5)):
            tensors[f"{name}.1.{norm}"] = torch.rand(out, generator=rng) + low
        tensors[f"{name}.1.num_batches_tracked"] = torch.tensor(7)

    unit("features.0", 4, 1, 3)
    coming = 4
    for index, (kernel, wide, out, gated, _, _) in enumerate(TABLE):
        block, wide, out = f"features.{index + 1}.block", wide // 4, out // 4
        names = iter(range(4))
        if wide != coming:
            unit(f"{block}.{next(names)}", wide, coming, 1)
        unit(f"{block}.{next(names)}", wide, 1, kernel)
        if gated:
            gate = f"{block}.{next(names)}.conc_se_layers.0"
            linear(f"{gate}.fc1", wide // 3, wide)
            linear(f"{gate}.fc2", wide, wide // 3)
        unit(f"{block}.{next(names)}", out, wide, 1)
        coming = out
    unit("features.16", 384, coming, 1)
    linear("classifier.2", 20, 384)
    linear("classifier.5", 527, 20)
    return tensors


def slowly(tensors: dict[str, Tensor], log_mel: Tensor) -> tuple[Tensor, Tensor]:
    """Embedding and scores by plain functions, with the normalisation apart."""

    def unit(
        x: Tensor, name: str, kernel: int, stride: int, act: Callable[[Tensor], Tensor], groups: int = 1
    ) -> Tensor:
        assert tensors[f"{name}.0.weight"].shape[-1] == kernel
        x = functional.conv2d(x, tensors[f"{name}.0.weight"], None, stride, kernel // 2, 1, groups)
        mean, var = tensors[f"{name}.1.running_mean"], tensors[f"{name}.1.running_var"]
        return act(
            functional.batch_norm(x, mean, var, tensors[f"{name}.1.weight"], tensors[f"{name}.1.bias"], eps=0.001)
        )

    def linear(x: Tensor, name: str) -> Tensor:
        return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    x = unit(log_mel[:, None], "features.0", 3, 2, functional.hardswish)
    for index, (kernel, _, _, gated, hard, stride) in enumerate(TABLE):
        act = functional.hardswish if hard else functional.relu
        block, names, came = f"features.{index + 1}.block", iter(range(4)), x
        if index:
            x = unit(x, f"{block}.{next(names)}", 1, 1, act)
        x = unit(x, f"{block}.{next(names)}", kernel, stride, act, groups=x.shape[1])
        if gated:
            gate = f"{block}.{next(names)}.conc_se_layers.0"
            squeezed = torch.relu(linear(x.mean((2, 3)), f"{gate}.fc1"))
            x = x * torch.sigmoid(linear(squeezed, f"{gate}.fc2"))[:, :, None, None]
        x = unit(x, f"{block}.{next(names)}", 1, 1, lambda x: x)
        x = x + came if stride == 1 and came.shape == x.shape else x
    embedding = unit(x, "features.16", 1, 1, functional.hardswish).mean((2, 3))
    hidden = functional.hardswish(linear(embedding, "classifier.2"))
    return embedding, torch.sigmoid(linear(hidden, "classifier.5"))


@pytest.fixture
def tiny(bring: Callable[[str, Path], None], own_cache: Path) -> None:
    """The weights of mn04 are the tiny ones."""
    if not (own_cache / "tiny.pt").is_file():
        torch.save(tiny_tensors(), own_cache / "tiny.pt")
        bring("efficientat-mn04", own_cache / "tiny.pt")


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    noise = np.random.default_rng(4).normal(0.0, 0.1, (2, 320_000))
    return (noise * np.linspace(0.0, 1.0, 320_000)).astype(np.float32)


@pytest.mark.parametrize(("width", "parameters", "dim"), [(0.4, 983_599, 384), (1.0, 4_876_831, 960)])
def test_the_published_networks_have_their_sizes(width: float, parameters: int, dim: int) -> None:
    with torch.device("meta"):
        network = published(width).eval()
        assert network(torch.zeros(2, 128, 1000)).shape == (2, dim)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


@pytest.mark.usefixtures("tiny")
def test_vectors_are_those_of_the_slow_network(windows: np.ndarray) -> None:
    for some in (windows, windows[:, :32_000], windows[:1, :70_001]):
        embedding, scores = slowly(tiny_tensors(), torch.from_numpy(efficientat_log_mel(some)))
        ours = load_encoder("efficientat-mn04").encode(some)
        assert ours.std() > 0.1
        np.testing.assert_allclose(ours, embedding, atol=1e-5, rtol=1e-5)
        np.testing.assert_allclose(load_encoder("efficientat-mn04-scores").encode(some), scores, atol=1e-5)
        both = load_encoder("efficientat-mn04+scores").encode(some)
        np.testing.assert_allclose(both, torch.cat([embedding, scores], dim=1), atol=1e-5, rtol=1e-5)


@pytest.mark.usefixtures("tiny")
def test_a_window_has_the_same_bytes_alone_and_beside_others(windows: np.ndarray) -> None:
    encoder = load_encoder("efficientat-mn04")
    assert (encoder.rate_hz, encoder.window, encoder.dim) == (32_000, 320_000, 384)
    alone = np.concatenate([encoder.encode(window[None]) for window in windows])
    assert alone.tobytes() == encoder.encode(windows).tobytes()
    assert encoder.encode(windows[:0]).shape == (0, 384)


def test_tensors_of_another_network_are_refused(lay: Callable[[str, dict[str, Tensor]], None]) -> None:
    tensors = tiny_tensors()
    del tensors["features.4.block.3.0.weight"]
    lay("efficientat-mn04", tensors)
    with pytest.raises(ModelError, match="not the weights of such a network"):
        load_encoder("efficientat-mn04").encode(np.zeros((1, 32_000), dtype=np.float32))


@pytest.mark.parametrize("name", ["features.2.block.1.0.weight", "frontend.weight"])
def test_tensors_of_another_shape_or_too_many_are_refused(name: str) -> None:
    tensors = tiny_tensors() | {name: torch.zeros(4, 1, 1, 1)}
    with pytest.raises(RuntimeError, match=name):
        BuildEfficientAt()(tensors, {})


@pytest.mark.shared_data
def test_the_real_weights_hear_what_is_there(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    file = shared_data / "weights" / "efficientat_mn04" / "mn04_as_mAP_432.pt"
    add_weights("efficientat-mn04", file, sha256="899a8c6217063f6941793102a2780b3d")
    encoder = load_encoder("efficientat-mn04-scores")
    with (shared_data / "audioset_vggish" / "class_labels_indices.csv").open(encoding="utf-8", newline="") as file:
        names = [row["display_name"] for row in csv.DictReader(file)]
    with (shared_data / "esc50_folds1to3" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    right = {
        "crow": ("Crow", "Caw", "Bird"),
        "frog": ("Frog", "Croak"),
        "toilet_flush": ("Toilet flush",),
        "train": ("Train", "Train horn", "Rail transport"),
        "fireworks": ("Fireworks", "Firecracker"),
        "sheep": ("Sheep", "Bleat"),
    }
    heard = []
    for label, expected in right.items():
        for row in [row for row in rows if row["label"] == label][:4]:
            samples, rate_hz = soundfile.read(shared_data / "esc50_folds1to3" / row["file_name"], dtype="float32")
            assert rate_hz == encoder.rate_hz
            heard.append(names[encoder.encode(samples[None])[0].argmax()] in expected)
    assert np.mean(heard) > 0.9
