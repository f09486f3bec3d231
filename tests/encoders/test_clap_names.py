"""CLAP's tensors get the same names from either layout."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from heterophony.encoders.clap_names import transformers_names


def flat(value: Any, name: str = "") -> dict[str, torch.Tensor]:
    """As a converted checkpoint has it."""
    if isinstance(value, dict):
        return {key: x for part, inner in value.items() for key, x in flat(inner, f"{name}.{part}").items()}
    return {name.lstrip("."): value} if isinstance(value, torch.Tensor) else {}


@pytest.mark.parametrize("prefix", ["state_dict.module.", "state_dict.", "module.", ""])
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("audio_branch.bn0.running_mean", "audio_model.audio_encoder.batch_norm.running_mean"),
        ("audio_branch.norm.weight", "audio_model.audio_encoder.norm.weight"),
        (
            "audio_branch.patch_embed.fusion_model.global_att.2.bias",
            "audio_model.audio_encoder.patch_embed.fusion_model.global_att.2.bias",
        ),
        (
            "audio_branch.layers.2.blocks.5.attn.proj.weight",
            "audio_model.audio_encoder.layers.2.blocks.5.attention.output.dense.weight",
        ),
        (
            "audio_branch.layers.0.blocks.1.mlp.fc2.bias",
            "audio_model.audio_encoder.layers.0.blocks.1.output.dense.bias",
        ),
        (
            "audio_branch.layers.0.blocks.1.attn.relative_position_index",
            "audio_model.audio_encoder.layers.0.blocks.1.attention.self.relative_position_index",
        ),
        ("audio_branch.layers.1.downsample.norm.bias", "audio_model.audio_encoder.layers.1.downsample.norm.bias"),
        ("audio_projection.0.weight", "audio_projection.linear1.weight"),
        ("audio_projection.2.bias", "audio_projection.linear2.bias"),
    ],
)
def test_names_of_laion_become_those_of_transformers(prefix: str, theirs: str, ours: str) -> None:
    assert list(transformers_names({prefix + theirs: torch.ones(1)}, "audio")) == [ours]


def test_query_key_and_value_are_taken_apart_in_this_order() -> None:
    name = "audio_branch.layers.0.blocks.0.attn.qkv.bias"
    apart = transformers_names({name: torch.arange(6)}, "audio")
    ends = {key.rpartition("attention.self.")[2]: tensor.tolist() for key, tensor in apart.items()}
    assert ends == {"query.bias": [0, 1], "key.bias": [2, 3], "value.bias": [4, 5]}


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("branch", ["audio", "text"])
def test_both_layouts_give_all_tensors_of_a_branch_and_no_others(
    tiny_clap: Callable[[bool], Any], laion_checkpoint: Callable[..., dict[str, Any]], branch: str, fused: bool
) -> None:
    state = tiny_clap(fused).state_dict()
    from_laion = transformers_names(flat(laion_checkpoint(state)), branch)
    from_hub = transformers_names(state, branch)
    wanted = {
        name for name in state if name.startswith(branch) and not name.endswith(("position_ids", "token_type_ids"))
    }
    assert set(from_laion) == set(from_hub) == wanted
    assert all(torch.equal(from_laion[name], from_hub[name]) for name in wanted)
