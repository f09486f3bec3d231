"""Whisper's encoder on a tiny checkpoint with published names, against the network of transformers itself."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from heterophony.encoders import load_encoder
from heterophony.encoders.checkpoints import CHECKPOINTS
from heterophony.encoders.own_weights import add_weights
from heterophony.encoders.whisper import build, prepare, prepare_padded, unloaded
from heterophony.errors import ModelError

pytest.importorskip("transformers")

DIM = 128  # two heads


def tiny_model() -> torch.nn.Module:
    """The whole model of transformers, decoder included, with weights from a seed."""
    from heterophony.encoders.transformers_library import transformers_model

    config = transformers_model("whisper.configuration_whisper").WhisperConfig(
        d_model=DIM,
        encoder_layers=2,
        encoder_attention_heads=2,
        encoder_ffn_dim=96,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=32,
        vocab_size=60_000,
    )
    model: torch.nn.Module = transformers_model("whisper.modeling_whisper").WhisperForConditionalGeneration(config)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.08)
    return model.eval()


@pytest.fixture(scope="module")
def model() -> torch.nn.Module:
    return tiny_model()


@pytest.fixture(scope="module", autouse=True)
def weights(model: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tiny checkpoint as the hub has the large one, taken over."""
    folder = tmp_path_factory.mktemp("whisper")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HETEROPHONY_CACHE", str(folder / "cache"))
        patch.setitem(CHECKPOINTS, "whisper-base", replace(CHECKPOINTS["whisper-base"], sha256=""))
        state = {name: tensor.clone() for name, tensor in model.state_dict().items() if name != "proj_out.weight"}
        save_file(state, folder / "model.safetensors")
        add_weights("whisper-base", folder / "model.safetensors")
        yield


def noise(samples: int) -> np.ndarray:
    return np.random.default_rng(samples).normal(0.0, 0.1, (1, samples)).astype(np.float32)


def frames_of(model: torch.nn.Module, wave: np.ndarray) -> np.ndarray:
    """What transformers makes of a recording with its own front end: 1500 frames."""
    from heterophony.encoders.transformers_library import transformers_model

    extractor = transformers_model("whisper.feature_extraction_whisper").WhisperFeatureExtractor()
    bands = extractor(wave, sampling_rate=16_000, return_tensors="pt")["input_features"]
    with torch.inference_mode():
        frames: np.ndarray = model.model.encoder(bands).last_hidden_state[0].numpy()  # type: ignore[union-attr,operator]
    return frames


def test_the_published_size_has_the_parameters_of_whisper_base() -> None:
    network = unloaded(512, layers=6, hidden=2048)
    attention = 4 * 512 * 512 + 3 * 512  # keys have no bias
    layer = attention + (2 * 512 * 2048 + 2048 + 512) + 2 * 2 * 512
    ends = (80 * 512 * 3 + 512) + (512 * 512 * 3 + 512) + 1500 * 512 + 2 * 512
    count = sum(parameter.numel() for parameter in network.parameters())
    assert count == 6 * layer + ends == 20_590_592
    assert network(torch.zeros(1, 80, 3000, device="meta")).last_hidden_state.shape == (1, 1500, 512)


@pytest.mark.parametrize(("samples", "heard"), [(1, 1), (320, 1), (321, 2), (52_345, 164), (480_000, 1500)])
def test_the_vector_is_the_mean_of_the_frames_of_the_recording(
    model: torch.nn.Module, samples: int, heard: int
) -> None:
    wave = noise(samples)
    frames = frames_of(model, wave[0])
    ours = load_encoder("whisper-base").encode(wave)
    np.testing.assert_allclose(ours[0], frames[:heard].mean(axis=0), atol=2e-4)
    padded = load_encoder("whisper-base-padded").encode(wave)
    np.testing.assert_allclose(padded[0], frames.mean(axis=0), atol=2e-4)
    assert (abs(ours - padded).max() > 1e-3) == (heard < 1500)


def test_a_window_has_the_same_bytes_alone_and_among_others() -> None:
    waves = np.concatenate([noise(9000), noise(9000) / 2, noise(9000)[:, ::-1]])
    encoder = load_encoder("whisper-base")
    alone = np.concatenate([encoder.encode(waves[row : row + 1]) for row in range(3)])
    assert alone.tobytes() == encoder.encode(waves).tobytes()


def test_the_last_row_marks_the_frames_that_count() -> None:
    rows = [one(noise(1601))[0, -1] for one in (prepare, prepare_padded)]
    assert [row.sum() for row in rows] == [11.0, 3000.0]
    assert rows[0][:11].all()


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("layers.1.fc2.bias", None, "Missing key"),
        ("layers.1.fc3.bias", (7,), "Unexpected key"),
        ("layer_norm.weight", (7,), "size mismatch"),
        ("conv1.weight", (DIM, 128, 3), "128 mel bands; 80 wanted"),
    ],
)
def test_tensors_of_another_network_are_refused(
    model: torch.nn.Module, name: str, shape: tuple[int, ...] | None, said: str
) -> None:
    tensors = {key: tensor for key, tensor in model.state_dict().items() if key != f"model.encoder.{name}"}
    if shape:
        tensors[f"model.encoder.{name}"] = torch.zeros(shape)
    with pytest.raises(RuntimeError, match=said):
        build(tensors, {})


def test_the_weights_of_another_network_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    (tmp_path / "weights").mkdir()
    metadata = {"sha256": "0" * 64, "settings": "{}"}
    save_file({"features.0.weight": torch.zeros(3)}, tmp_path / "weights" / "whisper-base.safetensors", metadata)
    with pytest.raises(ModelError, match="not the weights of such a network"):
        load_encoder("whisper-base").encode(noise(1000))
