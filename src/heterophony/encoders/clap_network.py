"""CLAP's two branches, each with its projection; the networks are those of the library transformers.

Source: Wu et al., "Large-Scale Contrastive Language-Audio Pretraining with Feature Fusion and Keyword-to-Caption
Augmentation", ICASSP 2023. Sound: HTS-AT (Chen et al., ICASSP 2022), a Swin transformer on log-mel bands. Words:
RoBERTa (Liu et al., 2019). Each is followed by two linear layers with a rectifier between them, to 512 numbers; the
division by the length of the vector comes after that and is not part of the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Any

import torch
from torch import Tensor, nn

from heterophony.encoders.clap_names import transformers_names
from heterophony.encoders.torch_network import Settings
from heterophony.encoders.transformers_library import transformers_model

ENCODER = "audio_model.audio_encoder"
BIASES = "attention.self.relative_position_bias_table"  # [(2 window - 1)^2, heads]
TEXT_HEAD = 64  # numbers per attention head of RoBERTa
TEXT_EPSILON = 1e-5  # of RoBERTa, with which CLAP was trained; the configuration on the hub has 1e-12


class Sound(nn.Module):
    """From log-mel bands to the projection."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        """From `[n, 1, 1001, 64]` to `[n, dim]`.

        The fused network looks at three crops more where it is told that the recording is longer than 10 s; a window
        never is, and then it uses the first channel alone.
        """
        longer = torch.zeros(len(features), 1, dtype=torch.bool)
        vectors: Tensor = self.network(input_features=features, is_longer=longer).audio_embeds
        return vectors


class Words(nn.Module):
    """From tokens to the projection."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, tokens: Tensor) -> Tensor:
        """From int64 `[n, tokens]`, unpadded, to `[n, dim]`."""
        vectors: Tensor = self.network(input_ids=tokens, attention_mask=torch.ones_like(tokens)).text_embeds
        return vectors


@dataclass(frozen=True, slots=True)
class BuildSound:
    """Makes the loaded sound branch; equal wishes make equal builders.

    Attributes:
        fused: Whether it should be the one with feature fusion: each has a front end of its own.
    """

    fused: bool

    def __call__(self, tensors: Mapping[str, Tensor], settings: Settings) -> nn.Module:
        """The network, from tensors in either published layout.

        Raises:
            KeyError: Tensors are missing.
            RuntimeError: Tensors are missing, of another shape, or too many; or of the other kind of CLAP.
        """
        state = transformers_names(tensors, "audio")
        config = audio_config(state)
        if config.enable_fusion != self.fused:
            kinds = {True: "with feature fusion ('clap')", False: "without feature fusion ('clap-unfused')"}
            raise RuntimeError(f"this is the CLAP {kinds[not self.fused]}; wanted is the one {kinds[self.fused]}")
        network = unloaded_sound(config)
        network.load_state_dict(state, assign=True)
        return Sound(network)


def build_words(tensors: Mapping[str, Tensor], settings: Settings) -> nn.Module:
    """The loaded words branch, from tensors in either published layout.

    Raises:
        KeyError: Tensors are missing.
        RuntimeError: Tensors are missing, of another shape, or too many.
    """
    state = transformers_names(tensors, "text")
    config = text_config(state)
    positions = torch.arange(config.max_position_embeddings)[None]
    state["text_model.embeddings.position_ids"] = positions
    state["text_model.embeddings.token_type_ids"] = torch.zeros_like(positions)
    network = unloaded_words(config)
    network.load_state_dict(state, assign=True)
    return Words(network)


def audio_config(state: Mapping[str, Tensor]) -> Any:  # noqa: ANN401 - transformers has no types
    """The sizes of a sound branch, as transformers wants them said.

    Raises:
        KeyError: Tensors are missing.
    """
    patches = state[f"{ENCODER}.patch_embed.proj.weight"]  # [width, 1, 4, 4]
    width, side = len(patches), patches.shape[-1]
    stages = _count(state, f"{ENCODER}.layers.")
    tables = [state[f"{ENCODER}.layers.{stage}.blocks.0.{BIASES}"] for stage in range(stages)]
    fusion = state.get(f"{ENCODER}.patch_embed.fusion_model.local_att.0.weight")
    return transformers_model("clap.configuration_clap").ClapAudioConfig(
        patch_size=side,
        patch_stride=[side, side],
        patch_embeds_hidden_size=width,
        hidden_size=len(state[f"{ENCODER}.norm.weight"]),
        num_mel_bins=len(state[f"{ENCODER}.batch_norm.weight"]),
        depths=[_count(state, f"{ENCODER}.layers.{stage}.blocks.") for stage in range(stages)],
        num_attention_heads=[table.shape[1] for table in tables],
        window_size=(isqrt(len(tables[0])) + 1) // 2,
        mlp_ratio=len(state[f"{ENCODER}.layers.0.blocks.0.intermediate.dense.weight"]) / width,
        enable_fusion=fusion is not None,
        aff_block_r=4 if fusion is None else width // len(fusion),
        projection_dim=len(state["audio_projection.linear2.weight"]),
    )


def text_config(state: Mapping[str, Tensor]) -> Any:  # noqa: ANN401 - transformers has no types
    """The sizes of a words branch, as transformers wants them said.

    Raises:
        KeyError: Tensors are missing.
    """
    words, width = state["text_model.embeddings.word_embeddings.weight"].shape
    return transformers_model("clap.configuration_clap").ClapTextConfig(
        vocab_size=words,
        hidden_size=width,
        num_hidden_layers=_count(state, "text_model.encoder.layer."),
        num_attention_heads=width // TEXT_HEAD,
        intermediate_size=len(state["text_model.encoder.layer.0.intermediate.dense.weight"]),
        max_position_embeddings=len(state["text_model.embeddings.position_embeddings.weight"]),
        projection_dim=len(state["text_projection.linear2.weight"]),
        layer_norm_eps=TEXT_EPSILON,
    )


def unloaded_sound(config: Any) -> nn.Module:  # noqa: ANN401 - transformers has no types
    """The sound branch without weights, on the meta device."""
    with torch.device("meta"):
        network: nn.Module = transformers_model("clap.modeling_clap").ClapAudioModelWithProjection(config)
    return network


def unloaded_words(config: Any) -> nn.Module:  # noqa: ANN401 - transformers has no types
    """The words branch without weights, on the meta device."""
    with torch.device("meta"):
        network: nn.Module = transformers_model("clap.modeling_clap").ClapTextModelWithProjection(config)
    return network


def _count(state: Mapping[str, Tensor], prefix: str) -> int:
    """How many numbered parts there are below a name."""
    return len({name.removeprefix(prefix).split(".")[0] for name in state if name.startswith(prefix)})
