"""What every part of a recipe is, and the values that several parts use."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Unit = Annotated[float, Field(ge=0, le=1)]
USUAL = ("sound", "words", "pictures")
"""The order of the modalities that every clip may have; a recipe may add others under names of its own."""


class Part(BaseModel):
    """Frozen, and refuses unknown keys and silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
