"""VGG-19 gives what torchvision's gives before its last layer, summed over two frames."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from heterophony.encoders import load_encoder
from heterophony.encoders.encoder import PictureEncoder
from heterophony.encoders.torchvision_models import torchvision_models
from heterophony.encoders.two_frames import to_pixels
from heterophony.errors import ModelError

FRAMES = np.random.default_rng(0).integers(0, 256, (3, 2, 40, 40, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def theirs(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> nn.Module:
    """torchvision's network, narrow: two blocks, dense layers of 8 and 6, five classes."""
    vgg = torchvision_models().vgg
    network = vgg.VGG(vgg.make_layers([4, "M", 5, 5, "M"]), init_weights=False)
    for place, (before, width) in {0: (5 * 49, 8), 3: (8, 6), 6: (6, 5)}.items():
        network.classifier[place] = nn.Linear(before, width)
    network.load_state_dict(random_tensors(network))
    return network.eval()


@pytest.fixture(scope="module")
def encoder(theirs: nn.Module, bring: Callable[[str, Path], None], own_cache: Path) -> PictureEncoder:
    torch.save(theirs.state_dict(), own_cache / "vgg19-tiny.pth")
    bring("vgg19", own_cache / "vgg19-tiny.pth")
    found = load_encoder("vgg19")
    assert isinstance(found, PictureEncoder)
    return found


def test_vectors_are_the_sum_over_two_frames_of_what_the_last_layer_sees(
    encoder: PictureEncoder, theirs: nn.Module
) -> None:
    pixels = torch.from_numpy(to_pixels(FRAMES))
    theirs.classifier[6] = nn.Identity()
    with torch.inference_mode():
        wanted = sum(theirs(pixels[:, time]) for time in (0, 1))
    vectors = encoder.encode(FRAMES)
    assert vectors.shape == (3, 6)
    assert vectors.std() > 0.01
    np.testing.assert_allclose(vectors, wanted.numpy(), rtol=1e-5, atol=1e-5)


def test_a_second_has_the_same_bytes_alone_in_any_group_and_with_its_frames_exchanged(encoder: PictureEncoder) -> None:
    together = encoder.encode(FRAMES)
    assert np.concatenate([encoder.encode(second[None]) for second in FRAMES]).tobytes() == together.tobytes()
    assert encoder.encode(FRAMES[:, ::-1]).tobytes() == together.tobytes()


def test_weights_of_another_network_are_refused(lay: Callable[[str, dict[str, Tensor]], None]) -> None:
    lay("vgg19", {"features.0.0.weight": torch.zeros(4, 3, 3, 3)})
    with pytest.raises(ModelError, match="not the weights of such a network"):
        load_encoder("vgg19").encode(FRAMES)
