"""CLAP's sound branch on tiny checkpoints in both published layouts, against the network of transformers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from heterophony.encoders import load_encoder
from heterophony.encoders.own_weights import find_weights
from heterophony.encoders.pooling import pool
from heterophony.errors import ModelError
from heterophony.features import clap_log_mel

pytest.importorskip("transformers")


def noise(samples: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    tone = 0.2 * np.sin(rng.uniform(0.01, 0.4) * np.arange(samples))
    return (tone + rng.normal(0.0, 0.05, samples)).astype(np.float32)[None]


def of_transformers(model: Any, wave: np.ndarray) -> np.ndarray:
    """The projection, with transformers' own front end; no recording is longer than 10 s."""
    from heterophony.encoders.transformers_library import transformers_model

    fused = model.config.audio_config.enable_fusion
    extractor = transformers_model("clap.feature_extraction_clap").ClapFeatureExtractor(
        frequency_min=50, truncation="fusion" if fused else "rand_trunc"
    )
    bands = extractor([wave], sampling_rate=48_000, return_tensors="pt")["input_features"].float()
    with torch.inference_mode():
        pooled = model.audio_model(input_features=bands, is_longer=torch.tensor([[False]])).pooler_output
        vector: np.ndarray = model.audio_projection(pooled)[0].numpy()
    return vector


@pytest.fixture(scope="module")
def brought(
    tiny_clap: Callable[[bool], Any],
    laion_checkpoint: Callable[..., dict[str, Any]],
    bring: Callable[[str, Path], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """The model with feature fusion, its checkpoint brought as LAION publishes it."""
    file = tmp_path_factory.mktemp("laion") / "630k-audioset-fusion-best.pt"
    torch.save(laion_checkpoint(tiny_clap(True).state_dict()), file)
    bring("clap", file)
    return tiny_clap(True)


@pytest.mark.parametrize("samples", [1, 30_000, 240_001, 480_000])
def test_vectors_from_the_file_of_laion_are_those_of_transformers(brought: Any, samples: int) -> None:
    wanted = of_transformers(brought, noise(samples)[0])
    np.testing.assert_allclose(load_encoder("clap").encode(noise(samples))[0], wanted, rtol=1e-4, atol=1e-4)
    assert np.linalg.norm(wanted) > 0.1


@pytest.mark.parametrize("samples", [30_000, 480_000])
def test_vectors_from_the_file_of_the_hub_are_those_of_transformers(
    tiny_clap: Callable[[bool], Any], lay: Callable[..., None], samples: int
) -> None:
    lay("clap-unfused", tiny_clap(False).state_dict())
    wanted = of_transformers(tiny_clap(False), noise(samples)[0])
    ours = load_encoder("clap-unfused").encode(noise(samples))
    np.testing.assert_allclose(ours[0], wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("brought")
def test_a_window_has_the_same_bytes_alone_and_among_others_and_a_second_time() -> None:
    windows = np.concatenate([noise(60_000, seed) for seed in range(3)])
    encoder = load_encoder("clap")
    together = encoder.encode(windows)
    assert together.shape == (3, 8)
    alone = np.concatenate([encoder.encode(windows[row : row + 1]) for row in range(3)])
    assert alone.tobytes() == together.tobytes() == encoder.encode(windows).tobytes()
    assert encoder.encode(windows[:0]).shape == (0, 512)


@pytest.mark.usefixtures("brought")
def test_a_recording_is_the_mean_of_its_windows_before_they_get_length_one() -> None:
    encoder = load_encoder("clap")
    assert (encoder.pooling, encoder.window, encoder.hop, encoder.shortest) == ("unit-mean", 480_000, 480_000, 1)
    vectors = encoder.encode(np.concatenate([noise(480_000, seed) for seed in range(2)]))
    mean = vectors.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(pool([vectors], "unit-mean"), mean / np.linalg.norm(mean), atol=1e-6)
    assert np.ptp(np.linalg.norm(vectors, axis=1)) > 1e-3


@pytest.mark.usefixtures("brought")
def test_the_passport_names_the_weights_and_the_padding() -> None:
    fingerprint = load_encoder("clap").fingerprint
    assert fingerprint.weights_sha256 == find_weights("clap").sha256
    assert "repeated, then zeros" in fingerprint.padding


def test_a_graph_is_shown_the_same_bands(tmp_path: Path, lay: Callable[..., None]) -> None:
    lay("beats", {"any": torch.zeros(1)})  # makes the folder
    matrix = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["input_features"], ["mean"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["mean", "matrix"], ["audio_embeds"]),
    ]
    ends = [
        [helper.make_tensor_value_info("input_features", TensorProto.FLOAT, ["batch_size", 1, 1001, 64])],
        [helper.make_tensor_value_info("audio_embeds", TensorProto.FLOAT, ["batch_size", 8])],
    ]
    built = helper.make_graph(nodes, "g", *ends, [numpy_helper.from_array(matrix, "matrix")])
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, tmp_path / "weights" / "clap-unfused.onnx")
    ours = load_encoder("clap-unfused").encode(noise(90_000))
    bands = clap_log_mel(noise(90_000), fused=False)
    np.testing.assert_allclose(ours, bands.mean(axis=1) @ matrix, rtol=1e-3, atol=1e-3)


def test_weights_of_the_other_kind_are_refused(tiny_clap: Callable[[bool], Any], lay: Callable[..., None]) -> None:
    lay("clap", tiny_clap(False).state_dict())
    with pytest.raises(ModelError, match=r"this is the CLAP without feature fusion \('clap-unfused'\)"):
        load_encoder("clap").encode(noise(1000))
    lay("clap", {"features.0.weight": torch.zeros(3)})
    with pytest.raises(ModelError, match="not the weights of such a network"):
        load_encoder("clap").encode(noise(1000))
