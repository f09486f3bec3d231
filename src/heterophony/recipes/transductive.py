"""Folds whose test rows are in the graph while it is trained, without their labels: the protocol of the paper.

The units of distance, the degrees and the neighbours of the training rows then depend on the test rows, and an answer
on its company. Such a number must not stand beside that of a model that sees one sample at a time.
"""

import numpy as np
import torch

from heterophony.models import Banked
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import GraphSpec, Recipe
from heterophony.recipes.trained import Said, Trained, average


def in_the_graph(recipe: Recipe, test: Samples) -> Samples | None:
    """The test rows, where the recipe wants them in the graph."""
    model = recipe.model
    return test if isinstance(model, GraphSpec) and model.protocol == "transductive" else None


def of_the_graph(trained: Trained, count: int, before: int = 0) -> Said:
    """What a fold's networks say of rows that they know, as these stand in the graph.

    Args:
        trained: The fold's.
        count: How many rows.
        before: How many come after them: all are the training rows, those that choose the epoch, the test rows.
    """
    outputs = []
    for member in trained.members:
        if isinstance(member, Banked):
            known = len(member.bank.present)
            with torch.no_grad():
                outputs.append(member.eval().of_known(torch.arange(known - before - count, known - before)))
    attention = np.mean([output.attention.numpy() for output in outputs], axis=0)
    return Said(
        logits=average([output.logits["class"].numpy() for output in outputs]),
        attention=dict(zip(trained.dims, attention.T, strict=True)),
        latent=outputs[0].latent.numpy(),
    )
