"""CLAP's branches: sizes as published, sizes from tensors, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from heterophony.encoders.clap_names import transformers_names
from heterophony.encoders.clap_network import (
    BuildSound,
    audio_config,
    build_words,
    text_config,
    unloaded_sound,
    unloaded_words,
)

pytest.importorskip("transformers")


def published(*, fused: bool) -> tuple[Any, Any]:
    """What config.json of laion/clap-htsat-fused and -unfused say."""
    from heterophony.encoders.transformers_library import transformers_model

    module = transformers_model("clap.configuration_clap")
    audio = module.ClapAudioConfig(
        patch_size=4,
        patch_stride=[4, 4],
        patch_embeds_hidden_size=96,
        hidden_size=768,
        num_mel_bins=64,
        spec_size=256,
        window_size=8,
        depths=[2, 2, 6, 2],
        num_attention_heads=[4, 8, 16, 32],
        mlp_ratio=4.0,
        aff_block_r=4,
        enable_fusion=fused,
        projection_dim=512,
    )
    text = module.ClapTextConfig(
        vocab_size=50_265,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        max_position_embeddings=514,
        projection_dim=512,
    )
    return audio, text


@pytest.mark.parametrize(("fused", "count"), [(True, 28_205_512), (False, 28_190_872)])
def test_the_published_sound_branch_has_its_parameters_and_its_sizes_follow_from_its_tensors(
    fused: bool, count: int
) -> None:
    network = unloaded_sound(published(fused=fused)[0])
    assert sum(parameter.numel() for parameter in network.parameters()) == count
    again = unloaded_sound(audio_config(network.state_dict()))
    assert {name: x.shape for name, x in again.state_dict().items()} == {
        name: x.shape for name, x in network.state_dict().items()
    }
    found, wanted = again.config, network.config
    assert found.num_attention_heads == wanted.num_attention_heads
    assert (found.spec_size, found.window_size) == (wanted.spec_size, wanted.window_size)


def test_the_published_words_branch_has_its_parameters_and_its_sizes_follow_from_its_tensors() -> None:
    network = unloaded_words(published(fused=True)[1])
    layer = 4 * (768 * 768 + 768) + 2 * 768 * 3072 + 3072 + 768 + 2 * 2 * 768
    ends = (50_265 + 514 + 1) * 768 + 2 * 768 + (768 * 768 + 768) + (768 * 512 + 512) + (512 * 512 + 512)
    assert sum(parameter.numel() for parameter in network.parameters()) == 12 * layer + ends == 125_302_016
    again = unloaded_words(text_config(network.state_dict()))
    assert again.config.num_attention_heads == 12
    assert {name: x.shape for name, x in again.state_dict().items()} == {
        name: x.shape for name, x in network.state_dict().items()
    }
    assert again.text_projection.linear2.out_features == 512  # type: ignore[union-attr]


def test_both_branches_and_two_scales_are_all_of_the_published_model() -> None:
    audio, text = published(fused=True)
    networks = [unloaded_sound(audio), unloaded_words(text)]
    assert sum(p.numel() for network in networks for p in network.parameters()) + 2 == 153_507_530


def test_the_other_kind_of_clap_is_refused_by_name(tiny_clap: Callable[[bool], Any]) -> None:
    with pytest.raises(RuntimeError, match=r"without feature fusion \('clap-unfused'\); wanted is the one with"):
        BuildSound(fused=True)(tiny_clap(False).state_dict(), {})
    with pytest.raises(RuntimeError, match=r"this is the CLAP with feature fusion \('clap'\)"):
        BuildSound(fused=False)(tiny_clap(True).state_dict(), {})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("audio_model.audio_encoder.layers.0.blocks.1.attention.self.key.bias", "Missing key"),
        ("audio_projection.linear1.bias", "Missing key"),
        ("text_model.pooler.dense.weight", "Missing key"),
    ],
)
def test_missing_tensors_are_refused(tiny_clap: Callable[[bool], Any], name: str, said: str) -> None:
    state = {key: tensor for key, tensor in tiny_clap(False).state_dict().items() if key != name}
    build = build_words if name.startswith("text") else BuildSound(fused=False)
    with pytest.raises(RuntimeError, match=said):
        build(state, {})


def test_the_empty_checkpoint_is_refused() -> None:
    with pytest.raises(KeyError, match="patch_embed"):
        BuildSound(fused=True)({}, {})
    assert transformers_names({"optimizer.state.0.exp_avg": torch.ones(1)}, "audio") == {}
