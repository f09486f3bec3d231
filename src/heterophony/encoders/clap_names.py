"""The two layouts in which CLAP's weights are published, brought to one: that of transformers.

LAION's own files (LAION-AI/CLAP, `630k-audioset-fusion-best.pt` and its kind) nest the tensors under `state_dict`,
name them after its own modules, with `module.` in front where they were saved so, and keep query, key and value of the
audio branch in one tensor. The files on the hub (laion/clap-htsat-fused, laion/clap-htsat-unfused) have the names of
transformers.
"""

from collections.abc import Mapping

from torch import Tensor

# (LAION's, transformers'), in this order
RENAMED = (
    ("audio_branch.", "audio_model.audio_encoder."),
    ("text_branch.", "text_model."),
    ("_projection.0.", "_projection.linear1."),
    ("_projection.2.", "_projection.linear2."),
    (".bn0.", ".batch_norm."),
    (".norm1.", ".layernorm_before."),
    (".norm2.", ".layernorm_after."),
    (".mlp.fc1.", ".intermediate.dense."),
    (".mlp.fc2.", ".output.dense."),
    (".attn.proj.", ".attention.output.dense."),
    (".attn.", ".attention.self."),
)
# Published but not used here: LAION's own spectrogram, its AudioSet classes, and what follows from the sizes
UNUSED = (
    "audio_branch.spectrogram_extractor.",
    "audio_branch.logmel_extractor.",
    "audio_branch.tscam_conv.",
    "audio_branch.head.",
)
DERIVED = (".attn_mask", ".position_ids", ".token_type_ids")


def transformers_names(tensors: Mapping[str, Tensor], branch: str) -> dict[str, Tensor]:
    """The tensors of one branch and its projection, under the names of transformers; others are left out.

    Args:
        tensors: As published in either layout, nested names joined by dots.
        branch: "audio" or "text".
    """
    plain = {name.removeprefix("state_dict.").removeprefix("module."): tensor for name, tensor in tensors.items()}
    kept = {
        _renamed(name): tensor
        for name, tensor in plain.items()
        if name.startswith((f"{branch}_branch.", f"{branch}_model.", f"{branch}_projection."))
        and not name.startswith(UNUSED)
        and not name.endswith(DERIVED)
    }
    return _split(kept)


def _renamed(name: str) -> str:
    for theirs, ours in RENAMED:
        name = name.replace(theirs, ours)
    return name


def _split(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Query, key and value apart."""
    apart: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if ".qkv." in name:
            parts = zip(("query", "key", "value"), tensor.chunk(3), strict=True)
            apart |= {name.replace(".qkv.", f".{part}."): value for part, value in parts}
        else:
            apart[name] = tensor
    return apart
