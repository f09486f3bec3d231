"""What a recipe says: typed data that refuses what it does not know.

The defaults are those of the audio-text report (audio_text.md section 3.1); a recipe says only how it differs.
"""

from heterophony.recipes.spec.augment import AugmentSpec, CrossModalSwapSpec, MaskingSpec, NoiseSpec
from heterophony.recipes.spec.data import ExtraSpec, Published, RowsSpec, WeightingSpec
from heterophony.recipes.spec.ensemble import EnsembleRecipe
from heterophony.recipes.spec.finetune import FinetuneSpec, GroupSpec
from heterophony.recipes.spec.fit import FitSpec
from heterophony.recipes.spec.input_augment import InputAugmentSpec, OneOfSpec, SameClassMixSpec
from heterophony.recipes.spec.joint import BranchSpec, JointSpec
from heterophony.recipes.spec.loss import (
    ClassWeightsSpec,
    ContrastiveSpec,
    CrossEntropySpec,
    HierarchicalSpec,
    LossSpec,
    TotalSpec,
)
from heterophony.recipes.spec.network import (
    AtGcnSpec,
    DmGcnSpec,
    GcnSpec,
    GraphSpec,
    HatrSpec,
    MeanGcnSpec,
    MlpSpec,
    Modality,
    ModelSpec,
    OfficialBaselineSpec,
    RecurrentFusionSpec,
    SignSpec,
)
from heterophony.recipes.spec.prior import (
    BridgedPriorSpec,
    LinearPriorSpec,
    PriorSpec,
    PrototypesPriorSpec,
    TfidfPriorSpec,
)
from heterophony.recipes.spec.pseudo import PseudoSpec
from heterophony.recipes.spec.recipe import Recipe
from heterophony.recipes.spec.split import SplitSpec
from heterophony.recipes.spec.stages import StageSpec

__all__ = [
    "AtGcnSpec",
    "AugmentSpec",
    "BranchSpec",
    "BridgedPriorSpec",
    "ClassWeightsSpec",
    "ContrastiveSpec",
    "CrossEntropySpec",
    "CrossModalSwapSpec",
    "DmGcnSpec",
    "EnsembleRecipe",
    "ExtraSpec",
    "FinetuneSpec",
    "FitSpec",
    "GcnSpec",
    "GraphSpec",
    "GroupSpec",
    "HatrSpec",
    "HierarchicalSpec",
    "InputAugmentSpec",
    "JointSpec",
    "LinearPriorSpec",
    "LossSpec",
    "MaskingSpec",
    "MeanGcnSpec",
    "MlpSpec",
    "Modality",
    "ModelSpec",
    "NoiseSpec",
    "OfficialBaselineSpec",
    "OneOfSpec",
    "PriorSpec",
    "PrototypesPriorSpec",
    "PseudoSpec",
    "Published",
    "Recipe",
    "RecurrentFusionSpec",
    "RowsSpec",
    "SameClassMixSpec",
    "SignSpec",
    "SplitSpec",
    "StageSpec",
    "TfidfPriorSpec",
    "TotalSpec",
    "WeightingSpec",
]
