"""From the words of a recipe to parts: the wiring of models, losses, augmentations and the loop."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from heterophony.augment import AUGMENTATIONS, Augmentation, CrossModalSwap, swap_pool
from heterophony.batches import Batch
from heterophony.losses import CrossEntropy, Hierarchical, Loss, SupervisedContrastive, Total
from heterophony.models import Hatr, Mlp, OfficialBaseline, OnPriors, PriorsAsModalities, RecurrentFusion
from heterophony.recipes.build_graph import build_graph_model
from heterophony.recipes.spec import (
    AugmentSpec,
    ClassWeightsSpec,
    ContrastiveSpec,
    CrossEntropySpec,
    CrossModalSwapSpec,
    FitSpec,
    GroupSpec,
    HatrSpec,
    HierarchicalSpec,
    LossSpec,
    MlpSpec,
    OfficialBaselineSpec,
    Recipe,
    RecurrentFusionSpec,
    TotalSpec,
)
from heterophony.taxonomy import Taxonomy
from heterophony.training import FitSettings, Group
from heterophony.weighting import class_weights


def build_model(recipe: Recipe, dims: Mapping[str, int], taxonomy: Taxonomy) -> nn.Module:
    """The network of a recipe, untrained; build it inside `training.seeded`.

    Args:
        recipe: Says which.
        dims: Modality to size of its embedding, in the order of the recipe's modalities.
        taxonomy: Sizes of the heads.
    """
    spec = recipe.model
    if isinstance(spec, HatrSpec):
        return _build_hatr(recipe, spec, dims, taxonomy)
    if isinstance(spec, MlpSpec):
        return Mlp(dims, taxonomy.n_classes, spec.hidden, spec.dropout, norm=spec.norm)
    if isinstance(spec, OfficialBaselineSpec):
        return OfficialBaseline(dims, taxonomy.n_classes)
    if isinstance(spec, RecurrentFusionSpec):
        return RecurrentFusion(dims, taxonomy.n_classes)
    return build_graph_model(spec, dims, taxonomy)


def _build_hatr(recipe: Recipe, spec: HatrSpec, dims: Mapping[str, int], taxonomy: Taxonomy) -> nn.Module:
    n_tops = taxonomy.n_tops if any(isinstance(term, HierarchicalSpec) for _, term in terms_of(recipe.loss)) else None
    read = {name: prior.of for name, prior in recipe.priors.items() if prior.enters == "modality"}
    added = {name: prior.of for name, prior in recipe.priors.items() if prior.enters == "logits"}
    sizes = {**dims, **dict.fromkeys(read, taxonomy.n_classes)}
    hatr = Hatr(sizes, taxonomy.n_classes, n_tops, dim=spec.dim, hidden=spec.hidden, dropout=spec.dropout)
    network = PriorsAsModalities(hatr, read) if read else hatr
    return OnPriors(network, added) if added else network


def terms_of(spec: LossSpec) -> tuple[tuple[float, CrossEntropySpec | HierarchicalSpec | ContrastiveSpec], ...]:
    """The losses that a loss is the weighted sum of; itself if it is none."""
    return tuple((term.weight, term.loss) for term in spec.terms) if isinstance(spec, TotalSpec) else ((1.0, spec),)


def build_loss(spec: LossSpec, taxonomy: Taxonomy, train: Batch) -> Loss:
    """The loss of a recipe.

    Args:
        spec: Says which.
        taxonomy: Which class belongs to which top.
        train: All training rows, whose classes are counted where classes are weighted.
    """
    terms = tuple((weight, _build_term(term, taxonomy, train)) for weight, term in terms_of(spec))
    return Total(terms=terms) if isinstance(spec, TotalSpec) else terms[0][1]


def _build_term(spec: CrossEntropySpec | HierarchicalSpec | ContrastiveSpec, taxonomy: Taxonomy, train: Batch) -> Loss:
    membership = torch.from_numpy(taxonomy.membership)
    if isinstance(spec, ContrastiveSpec):
        return SupervisedContrastive(membership=membership, tau=spec.tau, level=spec.level)
    weights = _class_weights(spec.class_weights, train)
    if isinstance(spec, CrossEntropySpec):
        return CrossEntropy(label_smoothing=spec.label_smoothing, class_weight=weights)
    return Hierarchical(
        membership=membership,
        top_weight=spec.top_weight,
        label_smoothing=spec.label_smoothing,
        class_weight=weights,
    )


def _class_weights(spec: ClassWeightsSpec | None, train: Batch) -> Float[Tensor, " classes"] | None:
    if spec is None:
        return None
    count = train.target.sum(dim=0).round().to(torch.int64).numpy()
    return torch.from_numpy(class_weights(count, spec.method, spec.beta))


def build_augmentation(spec: AugmentSpec, train: Batch) -> Augmentation[Any]:
    """One augmentation of a recipe; `train` is all training rows, from which a swap takes what it gives."""
    numbers = spec.model_dump(exclude={"name"})
    if isinstance(spec, CrossModalSwapSpec):
        pool, pool_target = swap_pool(train, spec.modality)
        return CrossModalSwap(pool=pool, pool_target=pool_target, **numbers)
    return AUGMENTATIONS[spec.name](**numbers)


def build_settings(spec: FitSpec, epochs: int | None = None) -> FitSettings:
    """The numbers of the loop; `epochs` in place of the recipe's, on the same curve of learning rates."""
    numbers = spec.model_dump(exclude={"validation", "groups"})
    if epochs is not None:
        numbers |= {"epochs": epochs, "span": spec.epochs}
    return FitSettings(**numbers, groups=build_groups(spec.groups))


def build_groups(specs: Sequence[GroupSpec], below: str = "") -> tuple[Group, ...]:
    """Parts of a model with rates of their own; `below` is put before the names ("encoder.")."""
    return tuple(Group(**{**spec.model_dump(), "match": below + spec.match}) for spec in specs)
