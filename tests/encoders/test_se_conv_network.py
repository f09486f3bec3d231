"""The squeeze-excitation network: its published size, and its definition worked out number by number."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from heterophony.encoders.se_conv_network import ChannelSpatialGate, SeConv

Arrays = dict[str, np.ndarray]


def test_it_has_the_published_number_of_parameters() -> None:
    with torch.device("meta"):
        network = SeConv()
        assert network.embed(torch.empty(2, 3, 64, 50)).shape == (2, 128)
        assert network(torch.empty(2, 3, 64, 50)).shape == (2, 10)
    trained = sum(weight.numel() for weight in network.parameters())
    statistics = sum(x.numel() for name, x in network.named_buffers() if "running" in name)
    assert (trained, statistics, trained + statistics) == (321_930, 1_344, 323_274)


def convolved(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution of odd kernels with zeros around, as a sum over the places of the kernel."""
    half = weight.shape[-1] // 2
    padded = np.pad(x, ((0, 0), (0, 0), (half, half), (half, half)))
    height, width = x.shape[2:]
    places = [(i, j) for i in range(weight.shape[2]) for j in range(weight.shape[3])]
    terms = [
        np.einsum("oc,nchw->nohw", weight[:, :, i, j], padded[:, :, i : i + height, j : j + width]) for i, j in places
    ]
    return sum(terms) + bias[:, None, None]


def normalised(x: np.ndarray, t: Arrays, name: str) -> np.ndarray:
    mean, variance, scale, shift = (
        t[f"{name}.{part}"][:, None, None] for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / np.sqrt(variance + 1e-3) * scale + shift


def elu(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def gated(x: np.ndarray, t: Arrays, name: str) -> np.ndarray:
    squeezed = np.maximum(np.einsum("sc,nc->ns", t[f"{name}.squeeze.weight"], x.mean((2, 3))), 0)
    channels = sigmoid(np.einsum("cs,ns->nc", t[f"{name}.excite.weight"], squeezed))
    places = sigmoid(np.einsum("c,nchw->nhw", t[f"{name}.spatial.weight"][0, :, 0, 0], x))
    return np.einsum("nchw,nc->nchw", x, channels) + np.einsum("nchw,nhw->nchw", x, places)


def embedded(x: np.ndarray, t: Arrays, blocks: int) -> np.ndarray:
    """Section 2 of the paper, in float64."""
    for i in range(blocks):
        if i:
            x = np.maximum(x[..., 0 : x.shape[-1] // 2 * 2 : 2], x[..., 1::2])
        name = f"blocks.{i}"
        around = [(t[f"{name}.{conv}.weight"], t[f"{name}.{conv}.bias"]) for conv in ("conv1", "conv2", "shortcut")]
        shortcut = normalised(convolved(x, *around[2]), t, f"{name}.shortcut_norm")
        inner = elu(normalised(convolved(x, *around[0]), t, f"{name}.norm1"))
        inner = normalised(convolved(inner, *around[1]), t, f"{name}.norm2")
        x = gated(elu(inner + shortcut), t, f"{name}.gate") + shortcut
    return x.mean((2, 3))


def as_arrays(tensors: dict[str, Tensor]) -> Arrays:
    return {name: tensor.double().numpy() for name, tensor in tensors.items()}


def test_the_network_is_its_definition(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> None:
    network = SeConv(n_classes=3, widths=(4, 6, 8)).eval()
    tensors = random_tensors(network)
    network.load_state_dict(tensors)
    maps = torch.randn(2, 3, 7, 10, generator=torch.Generator().manual_seed(1))
    wanted = embedded(maps.double().numpy(), as_arrays(tensors), 3)
    with torch.inference_mode():
        np.testing.assert_allclose(network.embed(maps).numpy(), wanted, rtol=1e-4, atol=1e-5)
        logits = wanted @ tensors["head.weight"].double().numpy().T + tensors["head.bias"].double().numpy()
        np.testing.assert_allclose(network(maps).numpy(), logits, rtol=1e-4, atol=1e-5)


def test_a_gate_that_is_half_open_both_ways_changes_nothing() -> None:
    gate = ChannelSpatialGate(4)
    for weight in gate.parameters():
        nn.init.zeros_(weight)
    x = torch.randn(2, 4, 3, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(gate(x), x)


def test_everything_learns_and_evaluation_changes_nothing() -> None:
    torch.manual_seed(0)
    network, maps = SeConv(n_classes=3, widths=(4, 6, 8)), torch.randn(4, 3, 8, 12)
    nn.functional.cross_entropy(network(maps), torch.tensor([0, 1, 2, 0])).backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []
    network.eval()
    before = {name: x.clone() for name, x in network.state_dict().items()}
    assert torch.equal(network(maps), network(maps))
    assert all(torch.equal(before[name], x) for name, x in network.state_dict().items())


def test_it_starts_as_keras_does() -> None:
    torch.manual_seed(0)
    block = SeConv().blocks[2]
    limit = (6 / (9 * (64 + 128))) ** 0.5
    assert block.conv1.weight.abs().max().item() == pytest.approx(limit, rel=1e-3)
    assert block.gate.squeeze.weight.std().item() == pytest.approx((2 / 128) ** 0.5, rel=0.03)
    assert block.conv1.bias.abs().max() == 0
