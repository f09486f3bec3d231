"""The numbers of the loop."""

from typing import Literal

from pydantic import Field

from heterophony.recipes.spec.part import Part


class FitSpec(Part):
    """The numbers of the loop; see `training.FitSettings`."""

    epochs: int = Field(default=100, ge=1)
    batch: int = Field(default=64, ge=2)
    lr: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=1e-5, ge=0)
    halve_every: int = Field(default=20, ge=1)
    patience: int = Field(default=15, ge=1)
    monitor: str = "accuracy"
    drop_last: bool = True
    precision: Literal["float32", "bfloat16"] = "float32"
    validation: Literal["choose", "refit", "train"] = Field(
        default="choose",
        description="its rows choose the epoch; or that, and then all rows are fitted for as many epochs; "
        "or they are trained on from the start, for all epochs (small collections)",
    )
