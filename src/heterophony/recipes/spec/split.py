"""How the folds are made."""

from typing import Literal

from pydantic import Field

from heterophony.recipes.spec.part import Part


class SplitSpec(Part):
    """How the folds are made."""

    kind: Literal["stratified", "grouped", "given"] = "stratified"
    folds: int = Field(default=5, ge=2, description="ignored where the folds are given")
    seed: int = Field(default=1821, ge=0)
