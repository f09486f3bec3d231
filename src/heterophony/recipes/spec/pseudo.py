"""Soft labels from a teacher for rows without labels, or with labels that are not trusted."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from heterophony.recipes.spec.part import Part, Unit

if TYPE_CHECKING:
    from heterophony.recipes.spec.recipe import Recipe

UNLABELLED = "unlabelled"
"""Stands for the rows of the manifest itself that have no label."""


class PseudoSpec(Part):
    """Soft pseudo-labels by the same recipe without these rows, trained inside the fold (audio_text.md 9.2)."""

    of: tuple[str, ...] = Field(min_length=1, description="names in `extra`; 'unlabelled': rows without label")
    weight_of_teacher: Unit = Field(default=1.0, description="lambda; 1 - lambda is what the row's own label keeps")
    share: float = Field(default=0.4, gt=0, le=1, description="random part of those rows that is used")
    stages: Literal["together", "then-own"] = Field(
        default="then-own", description="all at once, or first these rows alone and then the labelled ones"
    )
    then_lr: float = Field(default=1e-4, gt=0, description="learning rate of the second stage")
    then_epochs: int = Field(default=5, ge=1, description="epochs of the second stage, at most")


def refuse_what_no_teacher_can_label(recipe: "Recipe") -> None:
    """Refuses pseudo-labels for rows that the recipe does not have, or that cannot be.

    Raises:
        ValueError: Says which.
    """
    spec = recipe.pseudo
    if spec is None:
        return
    known = (*recipe.extra, UNLABELLED)
    unknown = [name for name in spec.of if name not in known]
    if unknown:
        raise ValueError(f"pseudo.of: {unknown[0]} is not among {', '.join(known)}")
    if UNLABELLED in spec.of and spec.weight_of_teacher < 1:
        raise ValueError(
            f"pseudo.weight_of_teacher is {spec.weight_of_teacher:g}, but rows without label have nothing else: 1"
        )
    if recipe.finetune is not None:
        raise ValueError("pseudo: encoders cannot be fine-tuned on pseudo-labels yet; leave finetune out")
