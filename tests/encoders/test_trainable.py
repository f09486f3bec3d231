"""Encoders from torch, taken apart, changed, saved, and encoders again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from heterophony.encoders import encoder_named, load_encoder
from heterophony.encoders.efficientat_network import BlockWidths, EfficientAt
from heterophony.encoders.torchvision_models import torchvision_models
from heterophony.encoders.trainable import network_of, save_tuned, trainable_encoder
from heterophony.errors import ConfigError, ModelError
from heterophony.media.waveforms import as_float, as_int16
from heterophony.training import seeded

SECOND = 32_000


@pytest.fixture
def tiny(
    lay: Callable[[str, dict[str, Tensor]], None], random_tensors: Callable[[nn.Module], dict[str, Tensor]]
) -> None:
    """The weights of mn04 are those of a network with a few channels."""
    blocks = [BlockWidths(4, 4), *(BlockWidths(8, 4, 2 * (3 <= index <= 5)) for index in range(1, 15))]
    lay("efficientat-mn04", random_tensors(EfficientAt(4, blocks, last=384, hidden=8, classes=527)))


def noise(samples: int, n: int = 1) -> np.ndarray:
    """In 16 bits, as decoded recordings are."""
    loud = np.random.default_rng(1).normal(0.0, 0.1, (n, samples))
    return (np.rint(loud * 32768) / 32768).astype(np.float32)


@pytest.mark.usefixtures("tiny")
def test_taken_apart_it_says_what_it_said_and_every_parameter_can_be_trained() -> None:
    encoder = trainable_encoder("efficientat-mn04")
    network, again = network_of(encoder), network_of(encoder)
    windows = noise(SECOND, 2)
    vectors = network(torch.from_numpy(encoder.prepare(windows)))
    np.testing.assert_allclose(vectors.detach().numpy(), encoder.encode(windows), atol=1e-5)
    vectors.square().mean().backward()
    without = {name for name, p in network.named_parameters() if p.grad is None}
    assert without == {name for name, _ in network.named_parameters() if name.startswith("classifier.")}
    with torch.no_grad():
        next(network.parameters()).zero_()
    assert next(again.parameters()).abs().max() > 0  # nobody else's


@pytest.mark.usefixtures("tiny")
def test_a_tuned_one_is_an_encoder_without_the_published_weights(tmp_path: Path, lay: Callable[..., None]) -> None:
    encoder = trainable_encoder("efficientat-mn04")
    network = network_of(encoder)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1.1)
    files = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    for file in files:
        save_tuned(network, encoder, 2 * SECOND, file)
    assert files[0].read_bytes() == files[1].read_bytes()
    (tmp_path / "weights" / "efficientat-mn04.safetensors").unlink()
    tuned = load_encoder(f"efficientat-mn04@{files[0]}")
    windows = noise(2 * SECOND, 2)
    with torch.no_grad():
        wanted = network(torch.from_numpy(encoder.prepare(windows))).numpy()
    np.testing.assert_allclose(tuned.encode(windows), wanted, atol=1e-5)
    assert (tuned.window, tuned.hop, tuned.shortest) == (2 * SECOND, 2 * SECOND, 2 * SECOND)
    with pytest.raises(ModelError, match="weights 'efficientat-mn04' are not here"):
        load_encoder("efficientat-mn04")


@pytest.mark.usefixtures("tiny")
def test_its_passport_is_another_one(tmp_path: Path) -> None:
    encoder = trainable_encoder("efficientat-mn04")
    save_tuned(network_of(encoder), encoder, 2 * SECOND, tmp_path / "t.safetensors")
    differences = load_encoder(f"efficientat-mn04@{tmp_path / 't.safetensors'}").fingerprint.differences(
        encoder.fingerprint
    )
    assert [one.partition(":")[0] for one in differences] == ["version", "weights_sha256", "window", "hop", "padding"]


@pytest.mark.usefixtures("tiny")
def test_a_tuned_one_can_be_tuned_again(tmp_path: Path) -> None:
    encoder = trainable_encoder("efficientat-mn04")
    save_tuned(network_of(encoder), encoder, SECOND, tmp_path / "1.safetensors")
    once = trainable_encoder(f"efficientat-mn04@{tmp_path / '1.safetensors'}")
    save_tuned(network_of(once), once, SECOND, tmp_path / "2.safetensors")
    assert (tmp_path / "1.safetensors").read_bytes() == (tmp_path / "2.safetensors").read_bytes()


@pytest.mark.parametrize("fused", [True, False])
def test_claps_sound_branch_is_tuned_and_found_again(
    tiny_clap: Callable[[bool], Any], lay: Callable[..., None], tmp_path: Path, fused: bool
) -> None:
    name = "clap" if fused else "clap-unfused"
    lay(name, tiny_clap(fused).state_dict())
    encoder = trainable_encoder(name)
    network = network_of(encoder)
    network.network.audio_projection.linear2.bias.data += 1.0
    save_tuned(network, encoder, 48_000, tmp_path / "t.safetensors")
    tuned = load_encoder(f"{name}@{tmp_path / 't.safetensors'}")
    windows = noise(48_000)
    np.testing.assert_allclose(tuned.encode(windows), encoder.encode(windows) + 1.0, atol=1e-4)
    assert tuned.window == 48_000
    assert "zeros up to 48000 samples" in tuned.fingerprint.padding
    assert "zeros up to" not in encoder.fingerprint.padding


@pytest.fixture
def small_densenet(lay: Callable[..., None], random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> None:
    """The weights of densenet161-places365 are those of a network with a few channels."""
    lay("densenet161-places365", random_tensors(torchvision_models().DenseNet(4, (2, 1), num_init_features=6)))


@pytest.mark.usefixtures("small_densenet")
def test_an_encoder_of_pictures_is_tuned_and_found_again(tmp_path: Path) -> None:
    encoder = trainable_encoder("densenet161-places365")
    network = network_of(encoder)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1.1)
    save_tuned(network, encoder, 64, tmp_path / "t.safetensors")
    (tmp_path / "weights" / "densenet161-places365.safetensors").unlink()
    tuned = load_encoder(f"densenet161-places365@{tmp_path / 't.safetensors'}")
    frames = np.random.default_rng(0).integers(0, 256, (2, 2, 64, 64, 3), dtype=np.uint8)
    with torch.no_grad():
        wanted = network(torch.from_numpy(encoder.prepare(frames))).numpy()
    np.testing.assert_allclose(tuned.encode(frames), wanted, rtol=1e-5, atol=1e-5)
    assert (tuned.size, tuned.times, tuned.fit) == (64, encoder.times, "stretch")
    assert (tuned.fingerprint.window, len(tuned.fingerprint.weights_sha256)) == (64, 64)


def test_left_and_right_from_scratch_are_found_again_without_any_other_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    encoder = trainable_encoder("fcnn-small", "scratch")
    with seeded(1):
        network = network_of(encoder, "scratch")
    for file in ("a.safetensors", "b.safetensors"):
        save_tuned(network, encoder, encoder.window, tmp_path / file)
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    windows = noise(encoder.window, 4).reshape(2, 2, -1)
    with torch.no_grad():
        wanted = network(torch.from_numpy(encoder.prepare(windows))).numpy()
    tuned = trainable_encoder(f"fcnn-small@{tmp_path / 'a.safetensors'}")
    np.testing.assert_allclose(tuned.encode(windows), wanted, atol=1e-5)
    save_tuned(network_of(tuned), tuned, tuned.window, tmp_path / "c.safetensors")
    assert (tmp_path / "c.safetensors").read_bytes() == (tmp_path / "a.safetensors").read_bytes()
    with pytest.raises(ConfigError, match=r"'fcnn-small@.*a\.safetensors' cannot be trained from scratch"):
        trainable_encoder(f"fcnn-small@{tmp_path / 'a.safetensors'}", "scratch")
    with pytest.raises(ModelError, match="weights 'fcnn-small' are not here"):
        trainable_encoder("fcnn-small")


def test_a_tuned_one_hears_16_bits_as_its_training_did(tmp_path: Path) -> None:
    """A low tone has nothing in the upper bands but what rounding puts there, and log-mels show it."""
    encoder = trainable_encoder("fcnn-small", "scratch")
    with seeded(1):
        save_tuned(network_of(encoder, "scratch"), encoder, encoder.window, tmp_path / "t.safetensors")
    tuned = load_encoder(f"fcnn-small@{tmp_path / 't.safetensors'}")
    tone = 0.1 * np.sin(2 * np.pi * 300 * np.arange(encoder.window) / encoder.rate_hz)
    exact = np.broadcast_to(tone.astype(np.float32), (1, 2, encoder.window))
    decoded = as_float(as_int16(exact.reshape(-1))).reshape(exact.shape)
    np.testing.assert_array_equal(tuned.encode(exact), tuned.encode(decoded))
    assert np.abs(encoder.prepare(exact) - encoder.prepare(decoded)).max() > 0.1


def test_a_graph_is_tuned_in_torch_and_found_again(tmp_path: Path) -> None:
    encoder = trainable_encoder("efficientnet-lite0")
    network = network_of(encoder)
    network._bn1.bias.data += 0.5
    save_tuned(network, encoder, encoder.size, tmp_path / "t.safetensors")
    tuned = load_encoder(f"efficientnet-lite0@{tmp_path / 't.safetensors'}")
    frames = np.random.default_rng(0).integers(0, 256, (2, 1, 32, 48, 3), dtype=np.uint8)
    with torch.no_grad():
        wanted = network(torch.from_numpy(encoder.prepare(frames))).numpy()
    np.testing.assert_allclose(tuned.encode(frames), wanted, atol=1e-4)
    assert np.abs(wanted - load_encoder("efficientnet-lite0").encode(frames)).max() > 0.1
    assert tuned.fingerprint.weights_sha256 != load_encoder("efficientnet-lite0").fingerprint.weights_sha256


def test_other_encoders_are_refused(tmp_path: Path) -> None:
    for name in ("yamnet", "minilm"):
        with pytest.raises(ConfigError, match=f"encoder '{name}' cannot be fine-tuned: .*efficientat-mn04"):
            trainable_encoder(name)
    with pytest.raises(ConfigError, match="encoder 'minilm' takes no fine-tuned weights"):
        encoder_named(f"minilm@{tmp_path}/x.safetensors")


def test_a_graph_cannot_be_trained(lay: Callable[..., None], tmp_path: Path) -> None:
    lay("other", {})
    (tmp_path / "weights" / "clap.onnx").write_bytes(b"graph")
    with pytest.raises(ModelError, match="a graph cannot be trained; add the checkpoint of 'clap'"):
        trainable_encoder("clap")


@pytest.mark.usefixtures("tiny")
def test_files_that_are_missing_or_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no\.safetensors: fine-tuned weights are missing"):
        encoder_named(f"efficientat-mn04@{tmp_path}/no.safetensors")
    published = tmp_path / "weights" / "efficientat-mn04.safetensors"
    with pytest.raises(ModelError, match="not the weights of a fine-tuned encoder"):
        encoder_named(f"efficientat-mn04@{published}")
