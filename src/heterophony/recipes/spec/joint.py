"""Encoders of several modalities that are trained together with the network behind them."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from heterophony.recipes.spec.input_augment import InputAugmentSpec, RandAugmentSpec
from heterophony.recipes.spec.part import Part

if TYPE_CHECKING:
    from heterophony.recipes.spec.recipe import Recipe

CHANGED = {"sound": "waveforms and spectrograms", "pictures": "pictures"}
"""The modalities whose encoders can be trained, and what can be changed before them."""
OF_VECTORS = ("cutmix", "masking", "modality-dropout", "noise")
"""Augmentations of batches that change vectors, not spectrograms or pictures."""


class BranchSpec(Part):
    """How the encoder of one modality is trained."""

    start: Literal["published", "scratch"] = Field(
        default="published", description="from the weights that were added for it, or from weights drawn at random"
    )
    frozen: bool = Field(
        default=False, description="in the last stage nothing of it moves: Fine_A, Fine_V of the paper"
    )
    lr: float | None = Field(default=None, ge=0, description="in the last stage; null: fit.lr")
    weight_decay: float | None = Field(default=None, ge=0, description="likewise; null: fit.weight_decay")
    augment: tuple[InputAugmentSpec, ...] = Field(
        default=(), description="in every stage that trains on it, waveforms before spectrograms"
    )


class JointSpec(Part):
    """Encoders that are trained together with the network, on one random second of each row at a time."""

    branches: dict[str, BranchSpec] = Field(min_length=1, description="modality to how its encoder is trained")
    level: Literal["input", "embedding"] = Field(
        default="input", description="what `augment` changes: what the encoders are given, or the vectors they make"
    )


def refuse_what_cannot_be_joined(recipe: "Recipe") -> None:
    """Refuses a recipe whose parts do not go with training its encoders together.

    Raises:
        ValueError: Says which, and what would.
    """
    if recipe.joint is None:
        return
    branches = recipe.joint.branches
    for name, branch in branches.items():
        if name not in recipe.modalities:
            raise ValueError(f"joint.branches has {name}, but the modalities are {', '.join(recipe.modalities)}")
        if name not in CHANGED:
            raise ValueError(f"joint.branches has {name}; only encoders of {' and '.join(CHANGED)} can be trained")
        for one in branch.augment:
            if isinstance(one, RandAugmentSpec) != (name == "pictures"):
                raise ValueError(f"joint.branches.{name}: {one.name} changes no {CHANGED[name]}")
    _refuse_changes_of_vectors(recipe, recipe.joint)
    encoders = {name: recipe.modalities[name].encoder for name in branches}
    readers = [f"priors.{key}" for key, prior in recipe.priors.items() if prior.of in branches]
    wrong = {
        f"modalities: {', '.join(encoders.values())}: wanted one encoder each, pooled by the mean": any(
            sign in name for name in encoders.values() for sign in ",:"
        ),
        "modalities with features: stored vectors cannot be trained": any(
            recipe.modalities[name].features for name in branches
        ),
        "members above 1: each would have encoders of its own": recipe.members > 1,
        "pseudo: soft labels": recipe.pseudo is not None,
        "pairs: borrowed rows": bool(recipe.pairs),
        "finetune: that is for one encoder of published weights": recipe.finetune is not None,
        f"{', '.join(readers)}: reads vectors that are still to be learned": bool(readers),
    }
    if any(wrong.values()):
        raise ValueError("joint takes no " + "; no ".join(text for text, there in wrong.items() if there))


def _refuse_changes_of_vectors(recipe: "Recipe", joint: JointSpec) -> None:
    """Refuses, of every stage, augmentations that only vectors can go through, before encoders."""
    for one in (*recipe.augment, *(one for stage in recipe.stages for one in stage.augment)):
        if one.name == "cross-modal-swap" or (joint.level == "input" and one.name in OF_VECTORS):
            raise ValueError(
                f"augment {one.name} is of vectors, and joint.level is {joint.level}; "
                f"take {'mixup, or level embedding' if one.name in OF_VECTORS else 'another'}"
            )


def is_trained(recipe: "Recipe", name: str, branch: BranchSpec) -> bool:
    """Whether any stage changes the encoder of a modality."""
    return not branch.frozen or branch.start == "scratch" or any(stage.of in ("", name) for stage in recipe.stages)
