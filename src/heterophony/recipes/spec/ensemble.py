"""Several recipes as one."""

from typing import Literal

from pydantic import Field

from heterophony.recipes.spec.data import Published
from heterophony.recipes.spec.part import Part


class EnsembleRecipe(Part):
    """The mean of what several recipes say of the same test rows; `heterophony sweep` runs it."""

    name: str = Field(description="what it is called")
    about: str = Field(default="", description="one sentence: what it is and where it comes from")
    ensemble: tuple[str, ...] = Field(min_length=2, description="names of the recipes")
    average: Literal["logits", "probabilities", "log-probabilities"] = "logits"
    baseline: str = Field(default="", description="the recipe that `sweep` compares it with")
    published: Published = Published()
