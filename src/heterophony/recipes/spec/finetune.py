"""Which parts of a network are trained how, and an encoder that is trained together with the network."""

from typing import TYPE_CHECKING

from pydantic import Field

from heterophony.recipes.spec.part import Part

if TYPE_CHECKING:
    from heterophony.recipes.spec.recipe import Recipe


class GroupSpec(Part):
    """Learning rate and weight decay of the parameters whose names it matches; see `training.Group`."""

    match: str = Field(min_length=1, description="dotted beginning of names, or a pattern with *")
    lr: float | None = Field(default=None, ge=0, description="None: fit.lr; 0 freezes")
    weight_decay: float | None = Field(default=None, ge=0, description="None: fit.weight_decay")
    frozen: bool = Field(default=False, description="nothing of it moves, statistics of normalisations included")


class FinetuneSpec(Part):
    """A sound encoder that is trained together with the network, on crops of the recordings."""

    modality: str = Field(default="sound", description="the one whose encoder is trained")
    seconds: float = Field(
        gt=0, description="of the random crop in training, and of the windows that cover a recording otherwise"
    )
    groups: tuple[GroupSpec, ...] = Field(
        default=(), description="of the encoder's parameters; the first that matches counts, the rest have fit.lr"
    )
    head_lr: float | None = Field(default=None, ge=0, description="of the network behind it; None: fit.lr")
    head_weight_decay: float | None = Field(default=None, ge=0, description="of the same; None: fit.weight_decay")
    head_first: int = Field(
        default=0, ge=0, description="epochs in which the network alone is trained first, on the published vectors"
    )
    memory_gib: float = Field(default=4.0, gt=0, description="that the decoded recordings may take, 16 bits a sample")


def refuse_what_cannot_be_fine_tuned(recipe: "Recipe") -> None:
    """Refuses a recipe whose parts do not go with training one of its encoders.

    Raises:
        ValueError: Says which, and what would.
    """
    spec = recipe.finetune
    if spec is None:
        return
    name = spec.modality
    if name not in recipe.modalities:
        raise ValueError(f"finetune.modality is {name}, but the modalities are {', '.join(recipe.modalities)}")
    modality = recipe.modalities[name]
    readers = [f"priors.{key}" for key, prior in recipe.priors.items() if prior.of == name]
    readers += [f"augment {one.name}" for one in recipe.augment if getattr(one, "modality", None) == name]
    wrong = {
        f"modalities.{name}.encoder is {modality.encoder!r}, wanted is one encoder": "," in modality.encoder,
        f"modalities.{name}.features: stored vectors cannot be trained": bool(modality.features),
        f"members is {recipe.members}, but each would have an encoder of its own": recipe.members > 1,
        "extra: rows of other data sets cannot be fine-tuned on yet": bool(recipe.extra),
        "pseudo: soft labels cannot be fine-tuned on yet": recipe.pseudo is not None,
        f"{', '.join(readers)}: reads vectors of {name}, which are still to be learned": bool(readers),
    }
    if any(wrong.values()):
        raise ValueError("finetune: " + "; ".join(text for text, there in wrong.items() if there) + "; leave that out")
