"""What is done to the training batches."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from heterophony.recipes.spec.part import Part, Unit


class NoiseSpec(Part):
    """Gaussian noise on every coordinate."""

    name: Literal["noise"]
    sigma: float = Field(default=1e-4, ge=0)


class MaskingSpec(Part):
    """A random part of the coordinates becomes zero."""

    name: Literal["masking"]
    max_fraction: Unit = 0.7


class ModalityDropoutSpec(Part):
    """Whole modalities are left out."""

    name: Literal["modality-dropout"]
    probability: Unit = 0.3


class MixupSpec(Part):
    """Samples become weighted means of two."""

    name: Literal["mixup"]
    alpha: float | None = Field(default=None, gt=0, description="lambda is drawn from Beta(alpha, alpha)")
    ratio: Unit | None = Field(default=None, description="a fixed lambda, in place of alpha")
    per: Literal["batch", "sample"] = "batch"
    weights: Literal["own", "mixed"] = "own"
    fraction: Unit = Field(default=1.0, description="probability that a sample is mixed")
    partner: Literal["any", "other"] = "any"

    @model_validator(mode="after")
    def _one_of_both(self) -> "MixupSpec":
        if (self.alpha is None) == (self.ratio is None):
            raise ValueError("mixup: give alpha or ratio, one of them")
        return self


class CutMixSpec(Part):
    """A range of coordinates comes from another sample."""

    name: Literal["cutmix"]
    alpha: float = Field(gt=0)
    labels: Literal["drawn", "realised"] = "drawn"
    weights: Literal["own", "mixed"] = "own"


class CrossModalSwapSpec(Part):
    """One modality comes from another training row of the same class."""

    name: Literal["cross-modal-swap"]
    probability: Unit
    modality: str = "words"


AugmentSpec = Annotated[
    NoiseSpec | MaskingSpec | ModalityDropoutSpec | MixupSpec | CutMixSpec | CrossModalSwapSpec,
    Field(discriminator="name"),
]
