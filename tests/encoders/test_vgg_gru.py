"""The encoder on five frames of a second: raw pixels into the trained network, its embedding out."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from heterophony.encoders import load_encoder
from heterophony.encoders.encoder import PictureEncoder
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.errors import ModelError

FRAMES = np.random.default_rng(0).integers(0, 256, (2, 5, 16, 16, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def network(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> VggGru:
    made = VggGru(n_classes=3, blocks=((4, 4), (5,)), units=3)
    tensors = random_tensors(made)
    tensors["features.0.weight"] /= 255
    made.load_state_dict(tensors)
    return made.eval()


@pytest.fixture
def encoder(network: VggGru, lay: Callable[[str, dict[str, Tensor]], None]) -> PictureEncoder:
    lay("vgg16-bigru", network.state_dict())
    found = load_encoder("vgg16-bigru")
    assert isinstance(found, PictureEncoder)
    return found


def test_vectors_are_the_embedding_of_the_trained_network(encoder: PictureEncoder, network: VggGru) -> None:
    pixels = torch.from_numpy(FRAMES.astype(np.float32)).permute(0, 1, 4, 2, 3)
    with torch.inference_mode():
        wanted = network.embed(pixels).numpy()
    vectors = encoder.encode(FRAMES)
    assert vectors.shape == (2, 6)
    assert vectors.std() > 0.01
    np.testing.assert_allclose(vectors, wanted, rtol=1e-4, atol=1e-5)


def test_the_sequence_is_what_each_frame_shows_then_what_is_said_at_each(
    encoder: PictureEncoder, network: VggGru
) -> None:
    found = load_encoder("vgg16-bigru+sequence")
    assert (found.dim, found.weights) == (2880, "vgg16-bigru")
    vectors = found.encode(FRAMES)
    assert vectors.shape == (2, 5 * 5 + 5 * 6)
    pixels = torch.from_numpy(FRAMES.astype(np.float32)).permute(0, 1, 4, 2, 3)
    with torch.inference_mode():
        seen = torch.stack([network.features(frames).amax((2, 3)) for frames in pixels.unbind(1)], 1)
    np.testing.assert_allclose(vectors[:, :25].reshape(2, 5, 5), seen.numpy(), rtol=1e-4, atol=1e-5)
    said = vectors[:, 25:].reshape(2, 5, 6)
    np.testing.assert_allclose(said.mean(1), encoder.encode(FRAMES), atol=1e-5)
    assert said.std(1).min() > 1e-4


def test_it_looks_five_times_a_second(encoder: PictureEncoder) -> None:
    assert encoder.times == (0.0, 0.2, 0.4, 0.6, 0.8)
    assert (encoder.size, encoder.fit, encoder.dim) == (224, "stretch", 64)


def test_a_second_has_the_same_bytes_alone_and_in_any_group_and_the_order_of_frames_matters(
    encoder: PictureEncoder,
) -> None:
    together = encoder.encode(FRAMES)
    assert np.concatenate([encoder.encode(second[None]) for second in FRAMES]).tobytes() == together.tobytes()
    assert np.abs(encoder.encode(FRAMES[:, ::-1]) - together).max() > 1e-3


def test_weights_of_another_network_are_refused(lay: Callable[[str, dict[str, Tensor]], None], network: VggGru) -> None:
    lay("vgg16-bigru", {name: x for name, x in network.state_dict().items() if "reverse" not in name})
    with pytest.raises(ModelError, match=r"not the weights of such a network.*gru\.weight_ih_l0_reverse"):
        load_encoder("vgg16-bigru").encode(FRAMES)
