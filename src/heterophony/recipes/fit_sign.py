"""Fitting a graph model whose features are spread beforehand: in mini-batches, without a graph."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models import Banked, SignOnNodes
from heterophony.models.sign import blocks_of_bank, blocks_of_nodes
from heterophony.recipes.graph_fit import GraphFit
from heterophony.recipes.spec import SignSpec
from heterophony.training import FitSettings, History, fit


def fit_sign(
    model: Banked, spec: SignSpec, train: Batch, held: Batch | None, settings: FitSettings, given: GraphFit
) -> History:
    """Fits the network on the first rows that the model knows.

    Args:
        model: It knows the training rows; where it knows more, the rows that choose the epoch come next.
        spec: How.
        train: Training rows.
        held: Rows that choose the epoch; None: the last one is kept.
        settings: The numbers of the loop, those of the mixture among them.
        given: Loss and the like.

    Raises:
        ModelError: The model is of another kind.
    """
    network = model.network
    if not isinstance(network, SignOnNodes):
        raise ModelError(f"fit_sign: wanted a Sign, got {type(network).__name__}")
    with TemporaryDirectory(prefix="heterophony-") as folder:
        known = blocks_of_bank(model.bank, spec.steps, Path(folder) if spec.blocks == "disk" else None)
        own = _of(known, 0, train)
        if held is None:
            asked = None
        elif len(known) > len(train):
            asked = _of(known, len(train), held)
        else:
            attached = model.bank.attach(model.known(), held)
            with torch.no_grad():
                asked = _of(blocks_of_nodes(attached, spec.steps), 0, held)
        return fit(
            network.sign,
            own,
            asked,
            loss=given.loss,
            augment=(),
            settings=settings,
            score=given.score,
            generator=given.generator,
            on_epoch=given.on_epoch,
        )


def _of(blocks: Batch, first: int, rows: Batch) -> Batch:
    """The blocks of some rows that follow each other, not copied, with their targets and weights."""
    part = slice(first, first + len(rows))
    inputs = {name: x[part] for name, x in blocks.inputs.items()}
    return replace(blocks, inputs=inputs, present=blocks.present[part], target=rows.target, weight=rows.weight)
