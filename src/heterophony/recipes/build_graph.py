"""From the words of a recipe to a graph model, and from training rows to a fitted one with its bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn

from heterophony.batches import Batch, stacked
from heterophony.models import AtGcn, Banked, DmGcn, GraphSettings, Sign, SignOnNodes, node_bank
from heterophony.recipes.fit_sign import fit_sign
from heterophony.recipes.graph_fit import GraphFit
from heterophony.recipes.spec import AtGcnSpec, DmGcnSpec, GraphSpec, MeanGcnSpec, SignSpec
from heterophony.taxonomy import Taxonomy
from heterophony.training import FitSettings, Group, History, fit_graph


def build_graph_model(spec: GraphSpec, dims: Mapping[str, int], taxonomy: Taxonomy) -> Banked:
    """A graph model, untrained, that knows no samples yet."""
    mix = spec.mean_of if isinstance(spec, MeanGcnSpec) else "separate"
    own = isinstance(spec, AtGcnSpec)
    settings = GraphSettings(
        k=spec.k,
        symmetry=spec.symmetry,
        mix=mix,
        features="own" if own else "joined",
        scale=spec.scale,
        search=spec.search,
    )
    network: nn.Module
    if own:
        network = AtGcn(list(dims.values()), taxonomy.n_classes, spec.hidden, spec.dropout)
    elif isinstance(spec, SignSpec):
        network = SignOnNodes(
            Sign(sum(dims.values()), taxonomy.n_classes, len(dims), spec.steps, spec.hidden, spec.dropout)
        )
    else:
        graphs = len(dims) if isinstance(spec, DmGcnSpec) else 1
        network = DmGcn(sum(dims.values()), taxonomy.n_classes, graphs, spec.hidden, spec.dropout)
    return Banked(network, tuple(dims), settings)


def _with_theta(model: Banked, spec: GraphSpec, settings: FitSettings) -> FitSettings:
    """The numbers of the loop, those of a mixture among them."""
    mixed = isinstance(model.network, SignOnNodes) or (
        isinstance(model.network, DmGcn) and model.network.theta is not None
    )
    if not mixed or not isinstance(spec, DmGcnSpec | SignSpec):
        return settings
    if isinstance(spec, DmGcnSpec) and spec.paper_theta_lr:
        return settings
    return replace(settings, groups=(*settings.groups, Group(match="theta", lr=spec.theta_lr, weight_decay=0.0)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """What a graph model is told of its rows beside their vectors.

    Attributes:
        groups: Of all rows that the model will know; rows of one group are linked only if the recipe says so.
        beside: Rows that are in the graph without their labels (the transductive protocol): the model then knows the
            training rows, those that choose the epoch, and these.
    """

    groups: Sequence[str | None]
    beside: Batch | None = None


def fit_graph_model(
    model: Banked, spec: GraphSpec, train: Batch, held: Batch | None, around: Around, given: GraphFit
) -> History:
    """Links the training rows and fits the network; rows that choose the epoch are attached, as new ones will be.

    Args:
        model: From `build_graph_model`; knows the training rows afterwards.
        spec: How.
        train: Training rows.
        held: Rows that choose the epoch; None: the last one is kept.
        around: Groups, and rows without labels.
        given: Loss, numbers and the like.
    """
    apart = None if spec.links_groups else around.groups
    beside = around.beside
    parts = [train] if beside is None else [train, *([] if held is None else [held]), beside]
    model.remember(node_bank(train if beside is None else stacked(parts), model.settings, apart))
    settings = _with_theta(model, spec, given.settings)
    if isinstance(spec, SignSpec):
        return fit_sign(model, spec, train, held, settings, given)
    if beside is None:
        fitted, held_nodes = model.known(), None if held is None else model.bank.attach(model.known(), held)
    else:
        fitted = model.some(torch.arange(len(train)))
        held_nodes = None if held is None else model.some(torch.arange(len(train), len(train) + len(held)))
    return fit_graph(
        model.network,
        fitted,
        train.target,
        None if held is None or held_nodes is None else (held_nodes, held.target),
        loss=given.loss,
        settings=settings,
        score=given.score,
        generator=given.generator,
        weight=train.weight,
        validate_every=spec.validate_every,
        on_epoch=given.on_epoch,
    )
