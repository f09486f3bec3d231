"""Which rows are trained on, how much each counts, and what others measured."""

from typing import Literal

from pydantic import Field

from heterophony.recipes.spec.part import Part


class SegmentsSpec(Part):
    """Each clip cut into segments, which are the rows (audio_visual.md D.2); tables of clips are another task."""

    seconds: float = Field(default=1.0, gt=0, description="length of a segment")
    count: int = Field(default=10, ge=1, description="segments of each clip; what lies behind them is not read")
    train: Literal["random", "first", "all"] = Field(
        default="random", description="which of a training clip are trained on: one that the fold's seed draws, …"
    )


class RowsSpec(Part):
    """Which rows of the collection take part."""

    complete: bool = Field(
        default=False,
        description="only rows that have every modality, chosen before the folds are made (as the published tables)",
    )
    min_confidence: int | None = Field(
        default=None,
        ge=1,
        le=5,
        description="rows below it are neither trained on nor used to choose the epoch",
    )
    segments: SegmentsSpec | None = Field(default=None, description="cut every clip into segments; null: whole clips")


class ExtraSpec(Part):
    """Rows of another data set, for training folds only (audio_text.md 4.8, 4.9)."""

    labels: str = Field(default="", description="name in LABEL_MAPS; empty: its labels are of the recipe's tree")
    classes: tuple[str, ...] = Field(default=(), description="only these; empty: all")
    words: Literal["own", "none", "phrase"] | None = Field(
        default=None,
        description="'phrase', one per class, gives the label away; None: none where labels are mapped, else their own",
    )
    equalise: Literal["median", "max"] | None = Field(
        default=None, description="draw only what lifts each class to the median or largest one of the training fold"
    )
    factor: float = Field(default=1.0, gt=0, description="of that goal")
    weight: float = Field(default=1.0, ge=0, description="of each row in the loss, unless its confidence says it")
    copies: bool = Field(
        default=False,
        description="augmented copies of the collection's own clips; each trains only where all it was made of trains",
    )

    @property
    def wordless(self) -> bool:
        """True where the rows have no words, whatever their data set says."""
        return self.words == "none" or (self.words is None and bool(self.labels))


class WeightingSpec(Part):
    """How much each row counts in the loss."""

    confidence: Literal["linear", "shifted", "binary"] | None = None
    renormalise: Literal["none", "mean"] = Field(default="none", description="'mean': the weights have mean 1")


class Published(Part):
    """What others measured: hierarchical F1 in per cent, mean and population standard deviation; or single numbers."""

    paper: tuple[float, float] | None = Field(default=None, description="as the paper's table has it")
    recomputed: tuple[float, float | None] | None = Field(
        default=None, description="from the published predictions; the spread may be unknown"
    )
    accuracy: float | None = Field(default=None, ge=0, le=100, description="as the paper's table has it, in per cent")
    log_loss: float | None = Field(default=None, ge=0, description="likewise, in nats")
