"""All that decides a training run, but the data."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from heterophony.recipes.spec.augment import AugmentSpec, CrossModalSwapSpec, MaskingSpec, NoiseSpec
from heterophony.recipes.spec.data import ExtraSpec, Published, RowsSpec, WeightingSpec
from heterophony.recipes.spec.finetune import FinetuneSpec, refuse_what_cannot_be_fine_tuned
from heterophony.recipes.spec.fit import FitSpec
from heterophony.recipes.spec.joint import JointSpec, refuse_what_cannot_be_joined
from heterophony.recipes.spec.loss import CrossEntropySpec, LossSpec
from heterophony.recipes.spec.network import HatrSpec, Modality, ModelSpec, refuse_what_the_model_lacks
from heterophony.recipes.spec.part import USUAL, Part
from heterophony.recipes.spec.prior import PriorSpec
from heterophony.recipes.spec.pseudo import PseudoSpec, refuse_what_no_teacher_can_label
from heterophony.recipes.spec.split import SplitSpec
from heterophony.recipes.spec.stages import StageSpec, refuse_stages_of_nothing


class Recipe(Part):
    """All that decides a training run, but the data."""

    name: str = Field(description="what the run is called")
    about: str = Field(default="", description="one sentence: what it is and where it comes from")
    notes: str = Field(default="", description="Markdown for the model card: data, their licences, limits")
    taxonomy: str = Field(default="", description="name in TAXONOMIES or a CSV; empty: from the manifest's labels")
    modalities: dict[str, Modality] = Field(min_length=1)
    any_modalities: bool = Field(
        default=False, description="where --features names others than these, they take the place of all of these"
    )
    priors: dict[str, PriorSpec] = Field(default_factory=dict)
    rows: RowsSpec = RowsSpec()
    extra: dict[str, ExtraSpec] = Field(
        default_factory=dict, description="data sets whose rows enter training folds only, by the name given to --extra"
    )
    weighting: WeightingSpec = WeightingSpec()
    pseudo: PseudoSpec | None = Field(default=None, description="soft labels from a teacher for some of the rows")
    words_from: Literal["manifest", "anything"] = Field(
        default="manifest", description="'anything' falls back to tags in the file and to its name: these may leak"
    )
    model: ModelSpec = HatrSpec()
    loss: LossSpec = CrossEntropySpec()
    augment: tuple[AugmentSpec, ...] = (NoiseSpec(name="noise"), MaskingSpec(name="masking"))
    fit: FitSpec = FitSpec()
    finetune: FinetuneSpec | None = Field(default=None, description="train an encoder together with the network")
    joint: JointSpec | None = Field(
        default=None, description="train the encoders of several modalities with the network"
    )
    stages: tuple[StageSpec, ...] = Field(default=(), description="trained one after the other before `fit`")
    split: SplitSpec = SplitSpec()
    pairs: int = Field(
        default=0, ge=0, description="copies of each training row that borrow what it lacks from a row of its class"
    )
    stored_as: Literal["float32", "float16"] = Field(default="float32", description="precision of the saved weights")
    members: int = Field(default=1, ge=1, description="networks with seeds of their own, averaged")
    seed: int = Field(default=1821, ge=0)
    baseline: str = Field(default="", description="the recipe that `sweep` compares it with")
    published: Published = Published()

    @field_validator("modalities")
    @classmethod
    def _in_one_order(cls, modalities: dict[str, Modality]) -> dict[str, Modality]:
        """However a recipe was put together, the usual modalities come first, and the others as they were written."""
        usual = [name for name in USUAL if name in modalities]
        return {name: modalities[name] for name in dict.fromkeys([*usual, *modalities])}

    @model_validator(mode="after")
    def _can_be_fine_tuned(self) -> "Recipe":
        refuse_what_cannot_be_fine_tuned(self)
        refuse_what_cannot_be_joined(self)
        refuse_stages_of_nothing(self)
        refuse_what_no_teacher_can_label(self)
        refuse_what_the_model_lacks(self)
        return self

    @model_validator(mode="after")
    def _of_what_is_there(self) -> "Recipe":
        there = ", ".join(self.modalities)
        for name, prior in self.priors.items():
            if prior.of not in self.modalities:
                raise ValueError(f"priors.{name} reads {prior.of}, but the modalities are {there}")
            if prior.enters == "modality" and (name in self.modalities or "." in name):
                raise ValueError(f"priors.{name} enters as a modality: it needs a name of its own, without a dot")
        for spec in self.augment:
            if isinstance(spec, CrossModalSwapSpec) and spec.modality not in self.modalities:
                raise ValueError(f"augment: {spec.name} swaps {spec.modality}, but the modalities are {there}")
        return self
