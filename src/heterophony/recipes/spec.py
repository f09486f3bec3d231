"""What a recipe says: typed data that refuses what it does not know.

The defaults are those of the audio-text report (audio_text.md section 3.1); a recipe says only how it differs.
"""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Unit = Annotated[float, Field(ge=0, le=1)]
Source = Literal["sound", "words", "pictures"]


class Part(BaseModel):
    """Frozen, and refuses unknown keys and silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Modality(Part):
    """One input of the network: what an encoder makes of a clip."""

    encoder: str = Field(description="name in ENCODERS, with a pooling after a colon: 'yamnet:mean+max'")


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
    of: Source = Field(description="the modality whose embedding it reads")
    c: float = Field(default=0.01, gt=0, description="inverse strength of the quadratic penalty")


class BridgedPriorSpec(Part):
    """A linear prior mixed with what a bridge from AudioSet makes of the scores at the end of the embedding."""

    kind: Literal["bridged"]
    of: Literal["sound"] = "sound"
    c: float = Field(default=0.01, gt=0, description="inverse strength of the quadratic penalty")
    bridge: str = Field(description="name of a bridge in the package, or a CSV: P(class | AudioSet class)")
    share: Unit = Field(default=0.3, description="weight of the bridge in the mixture")


PriorSpec = Annotated[TfidfPriorSpec | LinearPriorSpec | BridgedPriorSpec, Field(discriminator="kind")]


class HatrSpec(Part):
    """HATR (audio_text.md section 2)."""

    name: Literal["hatr"] = "hatr"
    dim: int = Field(default=128, ge=4, multiple_of=4)
    hidden: int | None = Field(default=None, ge=1, description="None ties it to the input: max(D, 2 dim), as the paper")
    dropout: float = Field(default=0.1, ge=0, lt=1)


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
    alpha: float = Field(gt=0)
    per: Literal["batch", "sample"] = "batch"
    weights: Literal["own", "mixed"] = "own"


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
    modality: Source = "words"


AugmentSpec = Annotated[
    NoiseSpec | MaskingSpec | ModalityDropoutSpec | MixupSpec | CutMixSpec | CrossModalSwapSpec,
    Field(discriminator="name"),
]


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


class SplitSpec(Part):
    """How the folds are made."""

    kind: Literal["stratified", "grouped", "given"] = "stratified"
    folds: int = Field(default=5, ge=2, description="ignored where the folds are given")
    seed: int = Field(default=1821, ge=0)


class Recipe(Part):
    """All that decides a training run, but the data."""

    name: str = Field(description="what the run is called")
    about: str = Field(default="", description="one sentence: what it is and where it comes from")
    notes: str = Field(default="", description="Markdown for the model card: data, their licences, limits")
    taxonomy: str = Field(default="", description="name in TAXONOMIES or a CSV; empty: from the manifest's labels")
    modalities: dict[Source, Modality] = Field(min_length=1)
    priors: dict[str, PriorSpec] = Field(default_factory=dict)
    words_from: Literal["manifest", "anything"] = Field(
        default="manifest", description="'anything' falls back to tags in the file and to its name: these may leak"
    )
    model: HatrSpec = HatrSpec()
    loss: LossSpec = CrossEntropySpec()
    augment: tuple[AugmentSpec, ...] = (NoiseSpec(name="noise"), MaskingSpec(name="masking"))
    fit: FitSpec = FitSpec()
    split: SplitSpec = SplitSpec()
    pairs: int = Field(
        default=0, ge=0, description="copies of each training row that borrow what it lacks from a row of its class"
    )
    stored_as: Literal["float32", "float16"] = Field(default="float32", description="precision of the saved weights")
    members: int = Field(default=1, ge=1, description="networks with seeds of their own, averaged")
    seed: int = Field(default=1821, ge=0)

    @field_validator("modalities")
    @classmethod
    def _in_one_order(cls, modalities: dict[Source, Modality]) -> dict[Source, Modality]:
        """However a recipe was put together, its modalities have the order of `Source`."""
        return {name: modalities[name] for name in get_args(Source) if name in modalities}

    @model_validator(mode="after")
    def _of_what_is_there(self) -> "Recipe":
        for name, prior in self.priors.items():
            if prior.of not in self.modalities:
                raise ValueError(f"priors.{name} reads {prior.of}, but the modalities are {', '.join(self.modalities)}")
        for spec in self.augment:
            if isinstance(spec, CrossModalSwapSpec) and spec.modality not in self.modalities:
                there = ", ".join(self.modalities)
                raise ValueError(f"augment: {spec.name} swaps {spec.modality}, but the modalities are {there}")
        return self
