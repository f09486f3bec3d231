"""Weights for the tests of encoders: tiny checkpoints in a cache folder of each file of tests."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from heterophony.encoders.checkpoints import CHECKPOINTS
from heterophony.encoders.own_weights import add_weights
from heterophony.encoders.weights_file import sha256_of


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder without weights, for one file of tests."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HETEROPHONY_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def bring(own_cache: Path) -> Iterator[Callable[[str, Path], None]]:
    """`bring(name, file)` adds a checkpoint of a test, as a user adds the published one."""
    with pytest.MonkeyPatch.context() as patch:

        def add(name: str, file: Path) -> None:
            patch.setitem(CHECKPOINTS, name, replace(CHECKPOINTS[name], sha256=""))
            add_weights(name, file, sha256=sha256_of(file))

        yield add


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, dict[str, Tensor]], None]:
    """`lay(name, tensors)` puts tensors where converted weights lie, in a cache folder of its own, in no time."""
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))

    def put(name: str, tensors: dict[str, Tensor]) -> None:
        (tmp_path / "weights").mkdir(exist_ok=True)
        metadata = {"sha256": "0" * 64, "file": "test", "settings": json.dumps({})}
        save_file(
            {key: x.contiguous() for key, x in tensors.items()}, tmp_path / f"weights/{name}.safetensors", metadata
        )

    return put


@pytest.fixture(scope="session")
def random_tensors() -> Callable[[nn.Module], dict[str, Tensor]]:
    """`random_tensors(network)`: what a checkpoint of such a network holds, drawn so that numbers keep their size.

    The network may be on the meta device.
    """

    def draw(network: nn.Module) -> dict[str, Tensor]:
        rng = torch.Generator().manual_seed(0)
        drawn = {}
        for name, like in network.state_dict().items():
            noise = torch.randn(like.shape, generator=rng)
            last = name.rpartition(".")[2]
            if last == "running_var":
                drawn[name] = noise.abs() + 0.5
            elif last == "num_batches_tracked":
                drawn[name] = torch.tensor(7)
            elif like.ndim > 1:
                drawn[name] = noise * (2 / like[0].numel()) ** 0.5
            else:
                drawn[name] = 0.2 * noise + (1 if last == "weight" else 0)
        return drawn

    return draw


@pytest.fixture(scope="session")
def tiny_clap() -> Callable[[bool], Any]:
    """`tiny_clap(fused)`: the whole CLAP of transformers, small, with numbers from a seed; vectors of length 8."""
    pytest.importorskip("transformers")
    from heterophony.encoders.transformers_library import transformers_model

    @cache
    def make(fused: bool) -> Any:
        audio = {
            "patch_embeds_hidden_size": 16,
            "hidden_size": 32,
            "depths": [2, 2],
            "num_attention_heads": [2, 4],
            "mlp_ratio": 2.0,
            "enable_fusion": fused,
        }
        text = {
            "vocab_size": 400,
            "hidden_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 96,
            "max_position_embeddings": 90,
            "layer_norm_eps": 1e-5,
        }
        config = transformers_model("clap.configuration_clap").ClapConfig(
            audio_config=audio, text_config=text, projection_dim=8
        )
        model = transformers_model("clap.modeling_clap").ClapModel(config).eval()
        rng = torch.Generator().manual_seed(3)
        for name, tensor in model.state_dict().items():
            noise = torch.randn(tensor.shape, generator=rng)
            if name.endswith("batch_norm.running_var"):
                tensor.copy_(400 + 100 * noise.abs())  # decibels
            elif name.endswith("running_var"):
                tensor.copy_(0.5 + noise.abs())
            elif tensor.is_floating_point():
                tensor.copy_(noise * (2 / tensor[0].numel()) ** 0.5 if tensor.ndim > 1 else 0.3 * noise + 0.5)
        return model

    return make


@pytest.fixture(scope="session")
def laion_checkpoint() -> Callable[[dict[str, Tensor]], dict[str, Any]]:
    """`laion_checkpoint(state)`: what LAION's own file of a CLAP holds, from the tensors of that of transformers."""
    blocks = {
        "layernorm_before": "norm1",
        "layernorm_after": "norm2",
        "attention.output.dense": "attn.proj",
        "attention.self": "attn",
        "intermediate.dense": "mlp.fc1",
        "output.dense": "mlp.fc2",
        "audio_model.audio_encoder": "audio_branch",
        "batch_norm": "bn0",
    }

    def named(name: str) -> str:
        if name.startswith("text_model."):
            return f"text_branch.{name.removeprefix('text_model.')}"
        for ours, theirs in blocks.items():
            name = name.replace(ours, theirs)
        return name.replace("projection.linear1", "projection.0").replace("projection.linear2", "projection.2")

    def write(state: dict[str, Tensor]) -> dict[str, Any]:
        tensors = {named(name): x.clone() for name, x in state.items() if not name.endswith("token_type_ids")}
        for name in [name for name in tensors if ".attn.query." in name]:
            parts = [tensors.pop(name.replace("query", part)) for part in ("query", "key", "value")]
            tensors[name.replace("query", "qkv")] = torch.cat(parts)
        unused = ("spectrogram_extractor.stft.conv_real.weight", "logmel_extractor.melW", "tscam_conv.bias")
        unused += ("head.weight", "layers.0.blocks.1.attn_mask")
        tensors |= {f"audio_branch.{name}": torch.zeros(3) for name in unused}
        tensors |= {f"{branch}_transform.sequential.0.weight": torch.zeros(3) for branch in ("audio", "text")}
        return {
            "epoch": 14,
            "name": "CLAP-HTSAT-Roberta",
            "state_dict": {f"module.{name}": tensor for name, tensor in tensors.items()},
            "optimizer": {"state": {0: {"step": 7, "exp_avg": torch.zeros(3)}}, "param_groups": [{"lr": 1e-4}]},
        }

    return write
