"""Tables and a small model that every test of this room uses."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from heterophony.batches import Batch
from heterophony.models import Output


class LinearModel(torch.nn.Module):
    """Softmax regression on one modality, in the shape of a model."""

    def __init__(self, dim: int, classes: int) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(dim, classes)

    def forward(self, batch: Batch) -> Output:
        (x,) = batch.inputs.values()
        return Output(logits={"class": self.linear(x)}, latent=x, attention=torch.ones(len(x), 1))


@pytest.fixture
def linear_model() -> Callable[[int, int], LinearModel]:
    return LinearModel


@pytest.fixture
def blobs() -> Callable[..., Batch]:
    """Makes a table of normal clouds, one per class; each modality sees them through its own noise."""

    def make(rows: int, *, seed: int = 0, modalities: int = 2, classes: int = 3, dim: int = 16) -> Batch:
        centres = torch.randn(classes, dim, generator=torch.Generator().manual_seed(99))
        generator = torch.Generator().manual_seed(seed)
        label = torch.arange(rows) % classes
        inputs = {f"m{i}": centres[label] + torch.randn(rows, dim, generator=generator) for i in range(modalities)}
        return Batch(
            inputs=inputs,
            present=torch.ones(rows, modalities, dtype=torch.bool),
            target=torch.nn.functional.one_hot(label, classes).float(),
            weight=torch.ones(rows),
        )

    return make


@pytest.fixture
def accuracy() -> Callable[[np.ndarray, np.ndarray], dict[str, float]]:
    return lambda logits, target: {"accuracy": float((logits.argmax(axis=1) == target).mean())}
