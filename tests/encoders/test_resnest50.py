"""ResNeSt-50 has the names and the numbers of its authors' checkpoint, and gives what timm's gives."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from heterophony.encoders import load_encoder
from heterophony.encoders.encoder import PictureEncoder
from heterophony.encoders.resnest50 import build
from heterophony.encoders.torchvision_models import timm_models
from heterophony.encoders.two_frames import to_pixels
from heterophony.errors import ModelError

FRAMES = np.random.default_rng(0).integers(0, 256, (2, 2, 48, 48, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def theirs(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> nn.Module:
    """timm's network, narrow, with five classes."""
    make = timm_models("resnest").resnest50d
    network = make(layers=(1, 2, 1, 1), channels=(4, 4, 8, 8), stem_width=4, num_classes=5)
    network.load_state_dict(random_tensors(network))
    return network.eval()


@pytest.fixture
def encoder(theirs: nn.Module, lay: Callable[[str, dict[str, Tensor]], None]) -> PictureEncoder:
    lay("resnest50", theirs.state_dict())
    found = load_encoder("resnest50")
    assert isinstance(found, PictureEncoder)
    return found


def test_the_published_sizes_are_read_from_the_tensors() -> None:
    """27.5 million parameters in Table 3 of the paper, the 2,049,000 of the last layer included."""
    with torch.device("meta"):
        published = timm_models("resnest").resnest50d().state_dict()
        network = build(published, {}).eval()
        assert network(torch.empty(1, 2, 3, 224, 224)).shape == (1, 2048)
    assert published["layer1.0.conv2.fc2.weight"].shape == (128, 32, 1, 1)
    assert published["layer4.0.downsample.1.weight"].shape == (2048, 1024, 1, 1)
    assert sum(weight.numel() for weight in network.parameters()) == 27_483_240 - 2_049_000


def test_vectors_are_the_sum_over_two_frames_of_what_the_last_layer_sees(
    encoder: PictureEncoder, theirs: nn.Module
) -> None:
    pixels = torch.from_numpy(to_pixels(FRAMES))
    with torch.inference_mode():
        wanted = sum(theirs.forward_head(theirs.forward_features(pixels[:, i]), pre_logits=True) for i in (0, 1))
    vectors = encoder.encode(FRAMES)
    assert vectors.shape == (2, 32)
    assert vectors.std() > 0.01
    np.testing.assert_allclose(vectors, wanted.numpy(), rtol=1e-5, atol=1e-5)


def test_a_second_has_the_same_bytes_alone_in_any_group_and_with_its_frames_exchanged(encoder: PictureEncoder) -> None:
    together = encoder.encode(FRAMES)
    assert np.concatenate([encoder.encode(second[None]) for second in FRAMES]).tobytes() == together.tobytes()
    assert encoder.encode(FRAMES[:, ::-1]).tobytes() == together.tobytes()


def test_weights_of_another_network_are_refused(
    lay: Callable[[str, dict[str, Tensor]], None], theirs: nn.Module
) -> None:
    lay("resnest50", {name: x for name, x in theirs.state_dict().items() if name != "layer2.1.conv2.bn0.weight"})
    with pytest.raises(ModelError, match=r"not the weights of such a network.*layer2\.1\.conv2\.bn0\.weight"):
        load_encoder("resnest50").encode(FRAMES)
