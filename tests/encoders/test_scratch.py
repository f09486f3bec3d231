"""A network that is drawn has the published size, is built as a checkpoint of its kind is, and learns."""

import numpy as np
import pytest
import torch

from heterophony.encoders import ENCODERS
from heterophony.encoders.scratch import SCRATCH, from_scratch
from heterophony.encoders.torch_network import builder
from heterophony.encoders.torch_sound import TorchSound
from heterophony.encoders.trainable import Trainable, network_of, trainable_encoder
from heterophony.errors import ConfigError
from heterophony.training import seeded

# of the network as an encoder uses it, its head left out
PARAMETERS = {
    "densenet161-places365": 26_472_000,
    "efficientnet-lite0": 3_371_008,
    "fcnn": 12_343_084,
    "fcnn-small": 933_100,
    "resnest50": 25_434_240,
    "resnet50-places365": 23_508_032,
    "se-conv": 321_930 - 1_290,
    "se-conv+sequence": 321_930 - 1_290,
    "vgg16-bigru": 14_820_170 - 650,
    "vgg16-bigru+sequence": 14_820_170 - 650,
    "vgg19": 139_570_240,
    "vggish": 72_141_184,
}


def given(encoder: Trainable) -> np.ndarray:
    """Two windows of noise, or two seconds of frames, as the network takes them."""
    rng = np.random.default_rng(0)
    if isinstance(encoder, TorchSound):
        channels = (2,) if encoder.channels == 2 else ()
        return encoder.prepare(rng.normal(0.0, 0.1, (2, *channels, encoder.window)).astype(np.float32))
    frames = rng.integers(0, 256, (2, len(encoder.times), encoder.size, encoder.size, 3), dtype=np.uint8)
    return encoder.prepare(frames)


@pytest.mark.parametrize("name", SCRATCH)
def test_it_is_built_as_a_checkpoint_is_with_the_published_size(name: str) -> None:
    encoder = trainable_encoder(name, "scratch")
    with torch.device("meta"):
        tensors = from_scratch(name)().state_dict()
    network = builder(encoder.build)(tensors, {})
    assert network(torch.empty(given(encoder).shape, device="meta")).shape == (2, encoder.dim)
    assert sum(parameter.numel() for parameter in network.parameters()) == PARAMETERS[name]


@pytest.mark.parametrize("name", ["efficientnet-lite0", "fcnn-small", "se-conv"])
def test_numbers_get_through_both_ways_and_come_from_the_seed(name: str) -> None:
    encoder = trainable_encoder(name, "scratch")
    networks = []
    for seed in (1, 1, 2):
        with seeded(seed):
            networks.append(network_of(encoder, "scratch"))
    features = torch.from_numpy(given(encoder))
    vectors = [network(features) for network in networks]
    assert torch.equal(vectors[0], vectors[1])
    assert not torch.allclose(vectors[0], vectors[2])
    assert vectors[0].std(0).mean() > 1e-4, "the two rows are told apart"
    networks[0].train()(features).square().mean().backward()
    still = [name for name, parameter in networks[0].named_parameters() if parameter.grad is None]
    assert still == [], "all of it is trained"


def test_the_names_are_those_of_encoders_and_others_are_refused() -> None:
    assert set(SCRATCH) <= set(ENCODERS)
    with pytest.raises(ConfigError, match=r"'clap' cannot be trained from scratch; those that can are .*fcnn-small"):
        trainable_encoder("clap", "scratch")
