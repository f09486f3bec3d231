"""What is minimised."""

from typing import Annotated, Literal

from pydantic import Field

from heterophony.recipes.spec.part import Part


class ClassWeightsSpec(Part):
    """Weights of the classes by how many rows of the training part each has."""

    method: Literal["inverse_sqrt", "inverse", "effective_number"]
    beta: float = Field(default=0.999, ge=0, lt=1, description="of effective_number")


class CrossEntropySpec(Part):
    """Cross entropy on the classes."""

    name: Literal["cross-entropy"] = "cross-entropy"
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weights: ClassWeightsSpec | None = None


class HierarchicalSpec(Part):
    """Cross entropy on the classes and on the tops, on a second head."""

    name: Literal["hierarchical"]
    top_weight: float = Field(ge=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weights: ClassWeightsSpec | None = Field(default=None, description="for the term of the classes only")


class ContrastiveSpec(Part):
    """Supervised contrast of what lies before the heads."""

    name: Literal["contrastive"]
    tau: float = Field(default=0.5, gt=0)
    level: Literal["top", "class"] = "top"


class TermSpec(Part):
    """A loss of a sum."""

    weight: float = Field(default=1.0, ge=0)
    loss: Annotated[CrossEntropySpec | HierarchicalSpec | ContrastiveSpec, Field(discriminator="name")]


class TotalSpec(Part):
    """A weighted sum of losses."""

    name: Literal["total"]
    terms: tuple[TermSpec, ...] = Field(min_length=1)


LossSpec = Annotated[CrossEntropySpec | HierarchicalSpec | ContrastiveSpec | TotalSpec, Field(discriminator="name")]
