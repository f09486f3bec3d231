"""A network with folded normalisation is the same function."""

import torch
from torch import nn

from heterophony.encoders.fold_norms import fold_norms


def test_a_folded_network_makes_the_same_numbers_without_normalisation() -> None:
    rng = torch.Generator().manual_seed(8)
    inner = nn.Sequential(nn.Conv2d(4, 4, 3, groups=4), nn.BatchNorm2d(4, eps=0.01), nn.ReLU())
    network = nn.Sequential(nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), inner, nn.ReLU(), nn.BatchNorm2d(4))
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=rng) + 0.2)
    x = torch.randn(2, 2, 8, 8, generator=rng)
    network.eval()
    with torch.no_grad():
        before = network(x)
        fold_norms(network)
        torch.testing.assert_close(network(x), before, rtol=1e-5, atol=1e-5)
    left = [name for name, part in network.named_modules() if isinstance(part, nn.BatchNorm2d)]
    assert left == ["4"]  # the one that no convolution precedes
