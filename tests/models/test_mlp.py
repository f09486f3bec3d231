"""The plain network against its formula."""

import pytest
import torch

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models.mlp import Mlp


def batch(**inputs: torch.Tensor) -> Batch:
    present = torch.tensor([[True, True], [True, False], [False, True]])
    return Batch(inputs=inputs, present=present, target=torch.ones(3, 1), weight=torch.ones(3))


def test_it_is_layers_over_the_vectors_side_by_side() -> None:
    torch.manual_seed(0)
    model = Mlp({"sound": 4, "words": 3}, 2, hidden=(6, 5)).eval()
    a, b = torch.randn(3, 4), torch.randn(3, 3)
    got = model(batch(sound=a, words=b))
    there = torch.tensor([[1.0, 1], [1, 0], [0, 1]])
    x = torch.cat([a * there[:, :1], b * there[:, 1:]], dim=1)
    for layer in model.layers:
        x = (x @ layer.weight.T + layer.bias).clamp_min(0)  # type: ignore[operator, union-attr]
    torch.testing.assert_close(got.latent, x)
    torch.testing.assert_close(got.logits["class"], model.head(x))
    assert got.attention.tolist() == [[0.5, 0.5], [1, 0], [0, 1]]
    assert sum(p.numel() for p in Mlp({"a": 128, "v": 64}, 10).parameters()) == 192 * 256 + 256 + 256 * 128 + 128 + 1290


def test_dropout_follows_the_first_layer_in_training() -> None:
    torch.manual_seed(0)
    model = Mlp({"sound": 4, "words": 3}, 2, hidden=(1000,)).train()
    said = model(batch(sound=torch.ones(3, 4), words=torch.ones(3, 3)))
    model.eval()
    whole = model(batch(sound=torch.ones(3, 4), words=torch.ones(3, 3))).latent
    kept = (said.latent != 0).sum() / (whole != 0).sum()
    assert 0.4 < kept < 0.6


def test_other_modalities_are_refused() -> None:
    with pytest.raises(ModelError, match=r"takes the modalities \('sound',\); got \('sound', 'words'\)"):
        Mlp({"sound": 4}, 2)(batch(sound=torch.ones(3, 4), words=torch.ones(3, 3)))
    with pytest.raises(ModelError, match="wanted one or more of each"):
        Mlp({}, 2)
