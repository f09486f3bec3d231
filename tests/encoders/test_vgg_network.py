"""VGG has the layers, the names and the numbers of torchvision's."""

import pytest
import torch
from torch import nn

from heterophony.encoders.torchvision_models import torchvision_models
from heterophony.encoders.vgg_network import VGG16, VGG19, Blocks, Vgg, vgg_blocks, vgg_features


def shapes(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


@pytest.mark.parametrize(("name", "blocks", "count"), [("vgg16", VGG16, 14_714_688), ("vgg19", VGG19, 20_024_384)])
def test_the_convolutional_part_is_that_of_torchvision(name: str, blocks: Blocks, count: int) -> None:
    with torch.device("meta"):
        ours, theirs = vgg_features(blocks), getattr(torchvision_models(), name)().features
    assert shapes(ours) == shapes(theirs)
    assert [type(layer) for layer in ours] == [type(layer) for layer in theirs]
    assert sum(weight.numel() for weight in ours.parameters()) == count


def test_all_but_the_last_layer_of_vgg19_is_there() -> None:
    with torch.device("meta"):
        ours, theirs = Vgg(), torchvision_models().vgg19()
        assert ours(torch.empty(2, 3, 224, 224)).shape == (2, 4096)
    last = {"classifier.6.weight", "classifier.6.bias"}
    assert shapes(ours) == {name: shape for name, shape in shapes(theirs).items() if name not in last}
    assert sum(weight.numel() for weight in ours.parameters()) == 143_667_240 - 1000 * 4097


@pytest.mark.parametrize("blocks", [VGG16, VGG19, ((3,),), ((1, 2), (3,), (4, 4))])
def test_widths_are_read_from_a_checkpoint(blocks: Blocks) -> None:
    with torch.device("meta"):
        tensors = {f"features.{name}": tensor for name, tensor in vgg_features(blocks).state_dict().items()}
    assert [tuple(widths) for widths in vgg_blocks(tensors)] == list(blocks)
