"""From the words of a recipe to parts: the wiring of models, losses, augmentations and the loop."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from heterophony.augment import Augmentation, Masking, ModalityDropout, Noise
from heterophony.losses import CrossEntropy, Hierarchical, Loss
from heterophony.models import Hatr, OnPriors
from heterophony.recipes.spec import (
    AugmentSpec,
    CrossEntropySpec,
    FitSpec,
    LossSpec,
    MaskingSpec,
    NoiseSpec,
    Recipe,
)
from heterophony.taxonomy import Taxonomy
from heterophony.training import FitSettings


def build_model(recipe: Recipe, dims: Mapping[str, int], taxonomy: Taxonomy) -> nn.Module:
    """The network of a recipe, untrained; build it inside `training.seeded`.

    Args:
        recipe: Says which.
        dims: Modality to size of its embedding, in the order of the recipe's modalities.
        taxonomy: Sizes of the heads.
    """
    spec = recipe.model
    n_tops = taxonomy.n_tops if recipe.loss.name == "hierarchical" else None
    network = Hatr(dims, taxonomy.n_classes, n_tops, dim=spec.dim, hidden=spec.hidden, dropout=spec.dropout)
    return OnPriors(network, {name: prior.of for name, prior in recipe.priors.items()}) if recipe.priors else network


def build_loss(spec: LossSpec, taxonomy: Taxonomy) -> Loss:
    """The loss of a recipe."""
    if isinstance(spec, CrossEntropySpec):
        return CrossEntropy(label_smoothing=spec.label_smoothing)
    return Hierarchical(
        membership=torch.from_numpy(taxonomy.membership),
        top_weight=spec.top_weight,
        label_smoothing=spec.label_smoothing,
    )


def build_augmentation(spec: AugmentSpec) -> Augmentation[Any]:
    """One augmentation of a recipe."""
    if isinstance(spec, NoiseSpec):
        return Noise(sigma=spec.sigma)
    if isinstance(spec, MaskingSpec):
        return Masking(max_fraction=spec.max_fraction)
    return ModalityDropout(probability=spec.probability)


def build_settings(spec: FitSpec, epochs: int | None = None) -> FitSettings:
    """The numbers of the loop; `epochs` in place of the recipe's."""
    numbers = spec.model_dump(exclude={"validation"})
    return FitSettings(**(numbers if epochs is None else {**numbers, "epochs": epochs}))
