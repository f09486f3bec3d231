"""The numbers of the loop."""

from typing import Literal

from pydantic import Field

from heterophony.recipes.spec.finetune import GroupSpec
from heterophony.recipes.spec.part import Part


class FitSpec(Part):
    """The numbers of the loop; see `training.FitSettings`."""

    epochs: int = Field(default=100, ge=1)
    batch: int = Field(default=64, ge=2)
    accumulate: int = Field(default=1, ge=1, description="batches whose gradients are averaged before a step")
    optimiser: Literal["adam", "adamw", "sgd"] = "adam"
    lr: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=1e-5, ge=0)
    schedule: Literal["step", "cosine", "linear", "restarts", "plateau", "constant"] = "step"
    halve_every: int = Field(default=20, ge=1, description="epochs, of the schedule 'step'")
    warmup_epochs: float = Field(default=0.0, ge=0, description="of the schedule 'linear'")
    first_period: int = Field(
        default=2, ge=1, description="epochs before the first restart, of the schedule 'restarts'"
    )
    lowest: float = Field(default=1e-4, ge=0, le=1, description="part of the rate that 'restarts' goes down to")
    plateau_patience: int = Field(
        default=15, ge=1, description="epochs without a lower validation loss after which 'plateau' halves the rate"
    )
    clip: float | None = Field(default=None, gt=0, description="largest norm of the gradient")
    groups: tuple[GroupSpec, ...] = Field(default=(), description="parts of the network with rates of their own")
    patience: int = Field(default=15, ge=1)
    monitor: str = "accuracy"
    drop_last: bool = True
    precision: Literal["float32", "bfloat16"] = "float32"
    validation: Literal["choose", "refit", "train"] = Field(
        default="choose",
        description="its rows choose the epoch; or that, and then all rows are fitted for as many epochs; "
        "or they are trained on from the start, for all epochs (small collections)",
    )
