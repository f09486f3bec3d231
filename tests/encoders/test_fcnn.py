"""The encoder on log-mels and their deltas: front end into the trained network, its embedding out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from heterophony.encoders import load_encoder
from heterophony.encoders.encoder import SoundEncoder
from heterophony.encoders.fcnn import RATE_HZ
from heterophony.encoders.fcnn_network import Fcnn
from heterophony.errors import ModelError
from heterophony.features.log_mel_deltas import log_mel_deltas

WINDOWS = np.random.default_rng(0).normal(0.0, 0.1, (2, 2, RATE_HZ)).astype(np.float32)
Lay = Callable[[str, dict[str, Tensor]], None]


@pytest.fixture(scope="module")
def network(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> Fcnn:
    made = Fcnn(n_out=6, n_classes=3, widths=(4, 6, 8))
    made.load_state_dict(random_tensors(made))
    return made.eval()


@pytest.fixture(scope="module")
def encoder(network: Fcnn, bring: Callable[[str, Path], None], own_cache: Path) -> SoundEncoder:
    save_file(network.state_dict(), own_cache / "mine.safetensors")
    bring("fcnn", own_cache / "mine.safetensors")
    found = load_encoder("fcnn")
    assert isinstance(found, SoundEncoder)
    return found


def test_a_window_is_a_second_of_39_frames(encoder: SoundEncoder) -> None:
    assert log_mel_deltas(WINDOWS).shape == (2, 6, 128, 39)
    assert (encoder.rate_hz, encoder.channels, encoder.window, encoder.hop) == (48_000, 2, 48_000, 48_000)
    assert encoder.shortest == 48_000


def test_vectors_are_the_embedding_of_the_trained_network(encoder: SoundEncoder, network: Fcnn) -> None:
    with torch.inference_mode():
        wanted = network.embed(torch.from_numpy(log_mel_deltas(WINDOWS))).numpy()
    vectors = encoder.encode(WINDOWS)
    assert vectors.shape == (2, 6)
    assert vectors.std() > 0.01
    np.testing.assert_allclose(vectors, wanted, rtol=1e-4, atol=1e-5)


def test_a_network_without_a_head_gives_the_same(lay: Lay, network: Fcnn) -> None:
    lay("fcnn", {name: x for name, x in network.state_dict().items() if not name.startswith("head")})
    with torch.inference_mode():
        wanted = network.embed(torch.from_numpy(log_mel_deltas(WINDOWS))).numpy()
    np.testing.assert_allclose(load_encoder("fcnn").encode(WINDOWS), wanted, rtol=1e-4, atol=1e-5)


def test_a_window_has_the_same_bytes_alone_and_in_any_group(encoder: SoundEncoder) -> None:
    alone = np.concatenate([encoder.encode(window[None]) for window in WINDOWS])
    assert alone.tobytes() == encoder.encode(WINDOWS).tobytes()


def test_left_and_right_are_told_apart_and_silence_is_finite(encoder: SoundEncoder) -> None:
    vectors = encoder.encode(WINDOWS)
    assert np.abs(encoder.encode(np.ascontiguousarray(WINDOWS[:, ::-1])) - vectors).max() > 1e-4
    assert np.isfinite(encoder.encode(np.zeros((1, 2, RATE_HZ), dtype=np.float32))).all()


def test_weights_of_another_network_are_refused(lay: Lay, network: Fcnn) -> None:
    lay("fcnn", {name: x for name, x in network.state_dict().items() if "narrow" not in name})
    with pytest.raises(ModelError, match=r"not the weights of such a network.*narrow"):
        load_encoder("fcnn").encode(WINDOWS)
