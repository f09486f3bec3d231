"""What is trained before the last stage, whose numbers are `fit`."""

from typing import TYPE_CHECKING

from pydantic import Field

from heterophony.recipes.spec.augment import AugmentSpec
from heterophony.recipes.spec.fit import FitSpec
from heterophony.recipes.spec.part import Part

if TYPE_CHECKING:
    from heterophony.recipes.spec.recipe import Recipe

WITH_PARTS = ("official-baseline", "recurrent-fusion")
"""Models that have a part of their own for each modality."""


class StageSpec(Part):
    """One stage; the next one goes on from its best epoch."""

    of: str = Field(
        default="", description="a modality: its part alone, with a head of its own; empty: the whole network"
    )
    fit: FitSpec = FitSpec()
    augment: tuple[AugmentSpec, ...] = ()


def refuse_stages_of_nothing(recipe: "Recipe") -> None:
    """Refuses stages that train nothing.

    Raises:
        ValueError: Says which, and what would.
    """
    for number, stage in enumerate(recipe.stages):
        if stage.of and stage.of not in recipe.modalities:
            raise ValueError(f"stages.{number}.of is {stage.of}; the modalities are {', '.join(recipe.modalities)}")
        trained = recipe.joint.branches if recipe.joint else {}
        if stage.of and stage.of not in trained and recipe.model.name not in WITH_PARTS:
            raise ValueError(
                f"stages.{number}.of is {stage.of}, but neither does joint.branches train it, "
                f"nor has the model {recipe.model.name} a part for each modality"
            )
        if stage.fit.validation != "choose":
            raise ValueError(f"stages.{number}.fit.validation is {stage.fit.validation}; only the last stage may")
    if recipe.stages and (recipe.members > 1 or recipe.pseudo is not None or recipe.finetune is not None):
        raise ValueError("stages go with one member, without pseudo and without finetune")
