"""Which class priors stand beside the network."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from heterophony.recipes.spec.part import Part, Unit


class TfidfPriorSpec(Part):
    """A class prior from the words: TF-IDF and logistic regression, fitted out of fold."""

    kind: Literal["tfidf"]
    of: Literal["words"] = "words"
    analyzer: Literal["word", "char", "char_wb"] = "word"
    shortest: int = Field(default=1, ge=1)
    longest: int = Field(default=2, ge=1)
    c: float = Field(default=10.0, gt=0)
    min_df: int = Field(default=1, ge=1)
    max_features: int | None = None

    @model_validator(mode="after")
    def _not_shorter(self) -> "TfidfPriorSpec":
        if self.longest < self.shortest:
            raise ValueError(f"longest is {self.longest}, less than shortest, {self.shortest}")
        return self


class LinearPriorSpec(Part):
    """A class prior from an embedding: logistic regression on standardised coordinates, fitted out of fold."""

    kind: Literal["linear"]
    of: str = Field(description="the modality whose embedding it reads")
    c: float = Field(default=0.01, gt=0, description="inverse strength of the quadratic penalty")


class BridgedPriorSpec(Part):
    """A linear prior mixed with what a bridge from AudioSet makes of the scores at the end of the embedding."""

    kind: Literal["bridged"]
    of: Literal["sound"] = "sound"
    c: float = Field(default=0.01, gt=0, description="inverse strength of the quadratic penalty")
    bridge: str = Field(description="name of a bridge in the package, or a CSV: P(class | AudioSet class)")
    share: Unit = Field(default=0.3, description="weight of the bridge in the mixture")


PriorSpec = Annotated[TfidfPriorSpec | LinearPriorSpec | BridgedPriorSpec, Field(discriminator="kind")]
