"""A training may start from VGG-16's convolutions alone; where they come from decides how they are read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from heterophony.encoders import load_encoder
from heterophony.encoders.trainable import network_of, save_tuned, trainable_encoder
from heterophony.encoders.two_frames import to_pixels
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.encoders.vgg_gru_start import completed
from heterophony.encoders.vgg_network import vgg_features
from heterophony.errors import ModelError
from heterophony.training import seeded

BLOCKS = ((4, 4), (5,))
FRAMES = np.random.default_rng(0).integers(0, 256, (2, 5, 16, 16, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def convolutions(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> dict[str, Tensor]:
    """Of torchvision's names, below "features."."""
    return {f"features.{name}": x for name, x in random_tensors(vgg_features(BLOCKS)).items()}


@pytest.mark.parametrize("prefix", ["", "state_dict.module."])
def test_torchvisions_first_convolution_sees_the_colours_that_it_was_trained_on(
    convolutions: dict[str, Tensor], prefix: str
) -> None:
    theirs = {prefix + name: x for name, x in convolutions.items()} | {f"{prefix}classifier.0.weight": torch.ones(3, 4)}
    found = completed(theirs)
    raw, scaled = (torch.from_numpy(x[:, 0]) for x in (FRAMES.transpose(0, 1, 4, 2, 3).astype("f4"), to_pixels(FRAMES)))
    wanted = functional.conv2d(scaled, convolutions["features.0.weight"], convolutions["features.0.bias"])
    mine = functional.conv2d(raw, found["features.0.weight"], found["features.0.bias"])
    torch.testing.assert_close(mine, wanted, rtol=1e-4, atol=1e-4)
    later = {name for name in convolutions if not name.startswith("features.0.")}
    assert all(torch.equal(found[name], convolutions[name]) for name in later)
    assert {name for name in found if name.startswith("gru.")} == {f"gru.{name}" for name, _ in GRU.named_parameters()}
    assert not any(name.startswith("classifier") for name in found)


GRU = VggGru(0, BLOCKS).gru


@pytest.mark.parametrize("suffix", ["", "_365"])
def test_keras_kernels_are_turned_round_and_taken_as_they_are(convolutions: dict[str, Tensor], suffix: str) -> None:
    theirs = {}
    for place, layer in ((0, "block1_conv1"), (2, "block1_conv2"), (5, "block2_conv1")):
        name = f"{layer}{suffix}.{layer}{suffix}"  # group and set of the HDF5, as `convert_checkpoint` joins them
        theirs[f"{name}_W_1:0"] = convolutions[f"features.{place}.weight"].permute(2, 3, 1, 0)
        theirs[f"{name}_b_1:0"] = convolutions[f"features.{place}.bias"]
    found = completed(theirs)
    assert all(torch.equal(found[name], x) for name, x in convolutions.items())
    assert found["gru.weight_hh_l0"].shape == (96, 32)


def test_a_start_is_trained_and_found_again_but_not_used(
    convolutions: dict[str, Tensor], lay: Callable[[str, dict[str, Tensor]], None], tmp_path: Path
) -> None:
    lay("vgg16-bigru", convolutions)
    with pytest.raises(ModelError, match="VGG-16's convolutions alone can be trained, not used"):
        load_encoder("vgg16-bigru").encode(FRAMES)
    encoder = trainable_encoder("vgg16-bigru")
    networks = []
    for seed in (1, 1, 2):
        with seeded(seed):
            networks.append(network_of(encoder))
    said = [network(torch.from_numpy(encoder.prepare(FRAMES))).detach().numpy() for network in networks]
    np.testing.assert_array_equal(said[0], said[1])
    assert np.abs(said[0] - said[2]).max() > 1e-3, "the rest is drawn"
    save_tuned(networks[0], encoder, 16, tmp_path / "t.safetensors")
    tuned = load_encoder(f"vgg16-bigru@{tmp_path / 't.safetensors'}")
    np.testing.assert_allclose(tuned.encode(FRAMES), said[0], rtol=1e-4, atol=1e-5)
    sequence = load_encoder(f"vgg16-bigru+sequence@{tmp_path / 't.safetensors'}")
    np.testing.assert_allclose(sequence.encode(FRAMES)[:, 25:].reshape(2, 5, 64).mean(1), said[0], atol=1e-5)


def test_other_checkpoints_stay_as_they_are(convolutions: dict[str, Tensor]) -> None:
    whole = VggGru(0, BLOCKS).state_dict()
    assert completed(whole) is whole
    normalised = {**convolutions, "features.1.weight": torch.ones(4)}
    for other in (normalised, {"conv1.weight": torch.ones(2, 2, 1, 1)}):
        assert completed(other) is other
