"""The fully convolutional network: its published sizes, and its definition in plain steps."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from heterophony.encoders.fcnn_network import SMALL, WIDTHS, ChannelAttention, Fcnn


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


@pytest.mark.parametrize(
    ("n_out", "n_classes", "widths", "parameters"),
    [(10, 0, WIDTHS, 11_791_135), (10, 0, SMALL, 610_063), (512, 0, WIDTHS, 12_343_084), (512, 10, WIDTHS, 12_348_214)],
)
def test_it_has_the_published_number_of_parameters(
    n_out: int, n_classes: int, widths: tuple[int, ...], parameters: int
) -> None:
    with torch.device("meta"):
        network = Fcnn(n_out, n_classes, widths)
        assert network.embed(torch.empty(2, 6, 128, 39)).shape == (2, n_out)
        assert network(torch.empty(2, 6, 128, 39)).shape == (2, n_classes or n_out)
    assert count(network) == parameters


def test_maps_have_the_published_sizes() -> None:
    with torch.device("meta"):
        network = Fcnn()
        maps, seen = torch.empty(2, 6, 128, 39), []
        for block in (network.block1, network.block2, network.block3):
            maps = block(maps)
            seen.append(tuple(maps.shape[1:]))
    assert seen == [(144, 32, 10), (288, 16, 5), (576, 8, 2)]


def embedded(x: Tensor, t: dict[str, Tensor]) -> Tensor:
    """Table of the blocks: plain steps, the names of the tensors apart from their order."""

    def normalised(x: Tensor, name: str) -> Tensor:
        mean, variance = (t[f"{name}.{part}"][:, None, None] for part in ("running_mean", "running_var"))
        x = (x - mean) / (variance + 1e-5).sqrt()
        if f"{name}.weight" in t:
            x = x * t[f"{name}.weight"][:, None, None] + t[f"{name}.bias"][:, None, None]
        return x

    def unit(x: Tensor, block: str, at: int, padding: int, stride: int = 1) -> Tensor:
        x = functional.conv2d(functional.pad(x, (padding,) * 4), t[f"{block}.{at}.weight"], stride=stride)
        return normalised(x, f"{block}.{at + 1}").clamp(min=0)

    x = unit(normalised(x, "norm"), "block1", 0, padding=2, stride=2)
    x = functional.max_pool2d(unit(x, "block1", 3, padding=1), 2)
    x = functional.max_pool2d(unit(unit(x, "block2", 0, padding=1), "block2", 3, padding=1), 2)
    for at in (0, 4, 8, 12):  # convolution, normalisation, ReLU, dropout
        x = unit(x, "block3", at, padding=1)
    x = torch.einsum("nchw,oc->nohw", functional.max_pool2d(x, 2), t["conv.weight"][:, :, 0, 0])
    x = normalised(normalised(x, "block4.0").clamp(min=0), "block4.2")
    scores = torch.zeros(x.shape[:2], dtype=x.dtype)
    for seen in (x.mean((2, 3)), x.flatten(2).max(2).values):
        inner = (seen @ t["block4.3.narrow.weight"].T + t["block4.3.narrow.bias"]).clamp(min=0)
        scores += inner @ t["block4.3.widen.weight"].T + t["block4.3.widen.bias"]
    return torch.einsum("nchw,nc->nc", x, 1 / (1 + (-scores).exp())) / (x.shape[2] * x.shape[3])


def test_the_network_is_its_definition(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> None:
    network = Fcnn(n_out=6, n_classes=3, widths=(4, 6, 8)).eval()
    tensors = random_tensors(network)
    network.load_state_dict(tensors)
    log_mels = torch.rand(2, 6, 32, 39, generator=torch.Generator().manual_seed(1))
    exact = {name: tensor.double() for name, tensor in tensors.items()}
    wanted = embedded(log_mels.double(), exact)
    with torch.inference_mode():
        np.testing.assert_allclose(network.embed(log_mels).numpy(), wanted.numpy(), rtol=1e-4, atol=1e-5)
        logits = wanted @ exact["head.weight"].T + exact["head.bias"]
        np.testing.assert_allclose(network(log_mels).numpy(), logits.numpy(), rtol=1e-4, atol=1e-5)


def test_attention_without_weights_halves() -> None:
    attention = ChannelAttention(4)
    for weight in attention.parameters():
        nn.init.zeros_(weight)
    x = torch.randn(2, 4, 3, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(attention(x), x / 2)


def test_fewer_than_15_frames_are_too_few() -> None:
    network = Fcnn(n_out=4, widths=(2, 2, 2)).eval()
    assert network(torch.zeros(1, 6, 16, 15)).shape == (1, 4)
    with pytest.raises(RuntimeError, match="too small"):
        network(torch.zeros(1, 6, 16, 14))


def test_everything_learns_and_evaluation_changes_nothing() -> None:
    torch.manual_seed(0)
    network, log_mels = Fcnn(n_out=6, n_classes=3, widths=(4, 6, 8)), torch.rand(4, 6, 32, 39)
    functional.cross_entropy(network(log_mels), torch.tensor([0, 1, 2, 0])).backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []
    assert not torch.equal(network(log_mels), network(log_mels)), "dropout"
    network.eval()
    before = {name: x.clone() for name, x in network.state_dict().items()}
    assert torch.equal(network(log_mels), network(log_mels))
    assert all(torch.equal(before[name], x) for name, x in network.state_dict().items())


def test_it_starts_after_he() -> None:
    torch.manual_seed(0)
    network = Fcnn()
    assert network.block3[4].weight.std().item() == pytest.approx((2 / (9 * 576)) ** 0.5, rel=0.01)
    assert network.block4[3].narrow.weight.std().item() == pytest.approx((2 / 512) ** 0.5, rel=0.01)
    assert network.block4[3].narrow.bias.abs().max() == 0
