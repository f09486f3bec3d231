"""The encoder on gammatone maps: front end into the trained network, its embedding out."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from heterophony.encoders import load_encoder
from heterophony.encoders.encoder import SoundEncoder
from heterophony.encoders.se_conv import WINDOW
from heterophony.encoders.se_conv_network import SeConv
from heterophony.errors import ModelError
from heterophony.features.gammatone import gammatone_map

WINDOWS = np.random.default_rng(0).normal(0.0, 0.1, (2, 2, WINDOW)).astype(np.float32)


@pytest.fixture(scope="module")
def network(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> SeConv:
    made = SeConv(n_classes=3, widths=(4, 6, 8))
    made.load_state_dict(random_tensors(made))
    return made.eval()


@pytest.fixture
def encoder(network: SeConv, lay: Callable[[str, dict[str, Tensor]], None]) -> SoundEncoder:
    lay("se-conv", network.state_dict())
    found = load_encoder("se-conv")
    assert isinstance(found, SoundEncoder)
    return found


def test_a_window_is_a_map_of_50_columns(encoder: SoundEncoder) -> None:
    assert gammatone_map(WINDOWS).shape == (2, 3, 64, 50)
    assert (encoder.rate_hz, encoder.channels, encoder.window, encoder.hop) == (44_100, 2, WINDOW, 44_100)
    assert encoder.shortest == WINDOW


def test_vectors_are_the_embedding_of_the_trained_network(encoder: SoundEncoder, network: SeConv) -> None:
    with torch.inference_mode():
        wanted = network.embed(torch.from_numpy(gammatone_map(WINDOWS))).numpy()
    vectors = encoder.encode(WINDOWS)
    assert vectors.shape == (2, 8)
    assert vectors.std() > 0.01
    np.testing.assert_allclose(vectors, wanted, rtol=1e-4, atol=1e-5)


def test_the_sequence_is_the_last_map_over_bands_at_five_times_then_the_embedding(
    encoder: SoundEncoder, network: SeConv
) -> None:
    maps, maps_at_the_end = torch.from_numpy(gammatone_map(WINDOWS)), []
    hook = network.blocks[-1].register_forward_hook(lambda *given: maps_at_the_end.append(given[2]))
    with torch.inference_mode():
        network.embed(maps)
    hook.remove()
    (last,) = maps_at_the_end
    assert last.shape == (2, 8, 64, 12)
    over_bands = last.numpy().mean(axis=2)
    steps = [over_bands[:, :, start : start + 3].mean(axis=2) for start in (0, 2, 4, 6, 8)]
    found = load_encoder("se-conv+sequence")
    assert (found.dim, found.weights) == (768, "se-conv")
    vectors = found.encode(WINDOWS)
    np.testing.assert_allclose(vectors, np.concatenate([*steps, encoder.encode(WINDOWS)], 1), rtol=1e-4, atol=1e-5)


def test_a_window_has_the_same_bytes_alone_and_in_any_group(encoder: SoundEncoder) -> None:
    alone = np.concatenate([encoder.encode(window[None]) for window in WINDOWS])
    assert alone.tobytes() == encoder.encode(WINDOWS).tobytes()


def test_left_and_right_are_told_apart_and_silence_is_finite(encoder: SoundEncoder) -> None:
    vectors = encoder.encode(WINDOWS)
    assert np.abs(encoder.encode(np.ascontiguousarray(WINDOWS[:, ::-1])) - vectors).max() > 1e-3
    assert np.isfinite(encoder.encode(np.zeros((1, 2, WINDOW), dtype=np.float32))).all()


def test_weights_of_another_network_are_refused(lay: Callable[[str, dict[str, Tensor]], None], network: SeConv) -> None:
    lay("se-conv", {name: x for name, x in network.state_dict().items() if "gate.spatial" not in name})
    with pytest.raises(ModelError, match=r"not the weights of such a network.*gate\.spatial"):
        load_encoder("se-conv").encode(WINDOWS)
