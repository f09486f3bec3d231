"""Which class priors stand beside the network, and how they enter it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from heterophony.recipes.spec.part import Part, Unit


class PriorPart(Part):
    """What every prior says of itself."""

    enters: Literal["logits", "modality"] = Field(
        default="logits",
        description="its log-probabilities are added to the logits, or its probabilities are one more input of the "
        "network, under the prior's own name",
    )


class TfidfPriorSpec(PriorPart):
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


class LinearPriorSpec(PriorPart):
    """A class prior from an embedding: logistic regression on standardised coordinates, fitted out of fold."""

    kind: Literal["linear"]
    of: str = Field(description="the modality whose embedding it reads")
    c: float = Field(default=0.01, gt=0, description="inverse strength of the quadratic penalty")


class BridgedPriorSpec(PriorPart):
    """A linear prior mixed with what a bridge from AudioSet makes of the scores at the end of the embedding."""

    kind: Literal["bridged"]
    of: Literal["sound"] = "sound"
    c: float = Field(default=0.01, gt=0, description="inverse strength of the quadratic penalty")
    bridge: str = Field(description="name of a bridge in the package, or a CSV: P(class | AudioSet class)")
    share: Unit = Field(default=0.3, description="weight of the bridge in the mixture")


class PrototypesPriorSpec(PriorPart):
    """A class prior that learns nothing: how near an embedding is to that of each class's definition (zero-shot)."""

    kind: Literal["prototypes"]
    of: str = Field(default="words", description="the modality whose embedding is compared")
    encoder: str = Field(
        default="", description="encoder of words that embeds the definitions into the same space; empty: that of `of`"
    )
    definitions: str = Field(
        default="names", description="'names': names and definitions of the taxonomy; or a CSV of key,definition"
    )
    tau: float = Field(default=0.05, gt=0, description="cosines are divided by it")


PriorSpec = Annotated[
    TfidfPriorSpec | LinearPriorSpec | BridgedPriorSpec | PrototypesPriorSpec, Field(discriminator="kind")
]
