"""VGG-16 with a recurrent layer: its published size, and its definition worked out number by number."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from heterophony.encoders.torchvision_models import torchvision_models
from heterophony.encoders.vgg_gru_network import VggGru

BLOCKS, UNITS = ((4, 4), (5,)), 3


def count(part: nn.Module) -> int:
    return sum(weight.numel() for weight in part.parameters())


def test_it_has_the_published_number_of_parameters() -> None:
    with torch.device("meta"):
        network = VggGru()
        assert network.embed(torch.empty(2, 5, 3, 224, 224)).shape == (2, 64)
        assert network(torch.empty(2, 5, 3, 224, 224)).shape == (2, 10)
    assert [count(part) for part in (network.features, network.gru, network.head)] == [14_714_688, 104_832, 650]
    assert count(network) == 14_820_170


def one_way(x: np.ndarray, t: dict[str, np.ndarray], suffix: str) -> list[np.ndarray]:
    """Cho et al., the reset gate after the product as in cuDNN: `[times, in]` to a state per time."""
    state, said = np.zeros(UNITS), []
    for now in x:
        given = np.split(t[f"gru.weight_ih_{suffix}"] @ now + t[f"gru.bias_ih_{suffix}"], 3)
        kept = np.split(t[f"gru.weight_hh_{suffix}"] @ state + t[f"gru.bias_hh_{suffix}"], 3)
        reset, update = (1 / (1 + np.exp(-given[i] - kept[i])) for i in (0, 1))
        state = (1 - update) * np.tanh(given[2] + reset * kept[2]) + update * state
        said.append(state)
    return said


def test_the_network_is_its_definition(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> None:
    """The convolutions are those of torchvision's VGG, the rest is worked out step by step."""
    network = VggGru(n_classes=3, blocks=BLOCKS, units=UNITS).eval()
    tensors = random_tensors(network)
    network.load_state_dict(tensors)
    theirs = torchvision_models().vgg.make_layers([4, 4, "M", 5, "M"])
    theirs.load_state_dict({name.removeprefix("features."): x for name, x in tensors.items() if "features" in name})
    t = {name: x.double().numpy() for name, x in tensors.items()}
    pixels = torch.rand(2, 5, 3, 12, 12, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        seen = np.stack([theirs(second).double().numpy().max(axis=(2, 3)) for second in pixels])
        vectors, logits = network.embed(pixels).numpy(), network(pixels).numpy()
    for second in range(2):
        ahead, back = one_way(seen[second], t, "l0"), one_way(seen[second][::-1], t, "l0_reverse")[::-1]
        said = np.concatenate([ahead, back], axis=1)
        np.testing.assert_allclose(vectors[second], said.mean(axis=0), rtol=1e-4, atol=1e-5)
        scores = np.exp(said @ t["head.weight"].T + t["head.bias"])
        posterior = (scores / scores.sum(axis=1, keepdims=True)).mean(axis=0)
        np.testing.assert_allclose(np.exp(logits[second]), posterior, rtol=1e-4)


def test_logits_are_log_probabilities() -> None:
    torch.manual_seed(0)
    network = VggGru(n_classes=3, blocks=BLOCKS, units=UNITS)
    said = network(torch.rand(4, 5, 3, 8, 8))
    torch.testing.assert_close(said.exp().sum(1), torch.ones(4))
    torch.testing.assert_close(torch.log_softmax(said, 1), said)


def test_everything_learns_and_evaluation_is_steady() -> None:
    torch.manual_seed(0)
    network, pixels = VggGru(n_classes=3, blocks=BLOCKS, units=UNITS), torch.rand(2, 5, 3, 8, 8)
    nn.functional.nll_loss(network(pixels), torch.tensor([0, 2])).backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []
    assert not torch.equal(network(pixels), network(pixels)), "dropout"
    network.eval()
    assert torch.equal(network(pixels), network(pixels))


def test_it_starts_as_keras_does() -> None:
    torch.manual_seed(0)
    gru = VggGru(blocks=BLOCKS, units=32).gru
    assert gru.weight_ih_l0.abs().max().item() == pytest.approx((6 / (5 + 96)) ** 0.5, rel=0.02)
    torch.testing.assert_close(gru.weight_hh_l0.T @ gru.weight_hh_l0, torch.eye(32), atol=1e-5, rtol=0)
    assert all(x.abs().max() == 0 for name, x in gru.named_parameters() if "bias" in name)
