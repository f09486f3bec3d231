"""The network in torch is the graph, from the same file; it pads as TensorFlow does and learns."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_images
from torch import nn
from torch.nn import functional

from heterophony.encoders.efficientnet_lite0 import EfficientNetLite0
from heterophony.encoders.efficientnet_lite0_network import Lite0, SameConv
from heterophony.encoders.trainable import network_of, trainable_encoder


def test_it_gives_what_the_graph_gives() -> None:
    pictures = [np.array(image) for image in load_sample_images().images]
    frames = np.stack([pictures[0], pictures[1], pictures[0][:, ::-1]])[:, None]
    encoder = trainable_encoder("efficientnet-lite0")
    with torch.inference_mode():
        vectors = network_of(encoder)(torch.from_numpy(encoder.prepare(frames))).numpy()
    graph = EfficientNetLite0()
    assert (encoder.name, encoder.dim, encoder.times) == (graph.name, graph.dim, graph.times)
    assert (encoder.size, encoder.fit) == (graph.size, graph.fit)
    np.testing.assert_allclose(vectors, graph.encode(frames), atol=1e-4)


@pytest.mark.parametrize(
    ("side", "kernel", "before", "after"), [(8, 3, 0, 1), (8, 5, 1, 2), (7, 3, 1, 1), (7, 5, 2, 2)]
)
def test_an_extra_zero_comes_after(side: int, kernel: int, before: int, after: int) -> None:
    """TensorFlow's rule for "SAME" with a stride of 2, worked out by hand."""
    conv = SameConv(2, 3, kernel, stride=2)
    x = torch.randn(1, 2, side, side, generator=torch.Generator().manual_seed(0))
    padded = functional.pad(x, (before, after, before, after))
    torch.testing.assert_close(conv(x), functional.conv2d(padded, conv.weight, stride=2))
    assert conv(x).shape[2:] == (-(-side // 2),) * 2


def test_normalisation_has_the_constants_of_tensorflow() -> None:
    norms = [part for part in Lite0().modules() if isinstance(part, nn.BatchNorm2d)]
    assert len(norms) == 49
    assert {(norm.eps, norm.momentum) for norm in norms} == {(1e-3, 0.01)}


def test_it_starts_after_he_each_filter_by_what_it_reaches() -> None:
    torch.manual_seed(0)
    block = Lite0()._blocks[15]  # 320 channels, the widest
    assert block._expand_conv.weight.std().item() == pytest.approx((2 / 1152) ** 0.5, rel=0.01)
    assert block._depthwise_conv.weight.std().item() == pytest.approx((2 / 9) ** 0.5, rel=0.03)
