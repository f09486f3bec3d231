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
        x = (x @ layer.weight.T + layer.bias).clamp_min(0)  # type: ignore[operator]
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
    with pytest.raises(ModelError, match=r"modalities \(\); wanted one or more"):
        Mlp({}, 2)


def normalised(norm: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    """What batch normalisation makes of rows outside training."""
    mean, var, scale, shift = (norm.get_buffer("running_mean"), norm.get_buffer("running_var"), *norm.parameters())
    return (x - mean) / (var + 1e-5).sqrt() * scale + shift


def test_normalised_layers_are_linear_norm_relu_dropout() -> None:
    torch.manual_seed(0)
    model = Mlp({"sound": 4, "words": 3}, 2, hidden=(6, 5), norm=True, dropout=0.2)
    assert model.norms is not None
    for norm in model.norms:
        assert isinstance(norm, torch.nn.BatchNorm1d)
        for tensor in (norm.weight, norm.bias, norm.running_mean):
            torch.nn.init.normal_(tensor)  # type: ignore[arg-type]
        torch.nn.init.uniform_(norm.running_var, 0.5, 2)  # type: ignore[arg-type]
    a, b = torch.randn(3, 4), torch.randn(3, 3)
    x = torch.cat([a * torch.tensor([[1.0], [1], [0]]), b * torch.tensor([[1.0], [0], [1]])], dim=1)
    for layer, norm in zip(model.layers, model.norms, strict=True):
        x = layer(x)
        x = normalised(norm, x)
        x = x.clamp_min(0)
    got = model.eval()(batch(sound=a, words=b))
    torch.testing.assert_close(got.latent, x)
    torch.testing.assert_close(got.logits["class"], model.head(x))


def test_the_official_classifier_has_its_parameters() -> None:
    official = Mlp({"sound": 512}, 10, (512, 128, 64), 0.2, norm=True)
    assert sum(p.numel() for p in official.parameters()) == 338_634
    linear = sum(a * b + 3 * b for a, b in ((2720, 512), (512, 128), (128, 64))) + 64 * 10 + 10
    fused = Mlp({"sound": 512, "pictures": 2208}, 10, (512, 128, 64), norm=True)
    assert sum(p.numel() for p in fused.parameters()) == linear


def test_dropout_follows_every_normalised_layer() -> None:
    torch.manual_seed(0)
    model = Mlp({"sound": 4}, 2, hidden=(1000, 1000), norm=True, dropout=0.25)
    x = torch.randn(64, 1000)
    for place in (0, 1):
        kept = [float((model.train(mode).after(place, x) != 0).float().mean()) for mode in (True, False)]
        assert kept[0] / kept[1] == pytest.approx(0.75, abs=0.03)


def test_one_row_is_normalised_with_what_is_known_and_moves_nothing() -> None:
    model = Mlp({"sound": 4}, 2, hidden=(6,), norm=True, dropout=0.0)
    given = batch(sound=torch.randn(3, 4), words=torch.randn(3, 3))
    one = Batch(
        inputs={"sound": given.inputs["sound"]}, present=given.present[:, :1], target=given.target, weight=given.weight
    )
    model.train()(one)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    row = one.take(torch.tensor([1]))
    trained = model(row).logits["class"]
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    torch.testing.assert_close(trained, model.eval()(row).logits["class"])
    trained.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_without_layers_it_is_linear() -> None:
    model = Mlp({"sound": 4, "words": 3}, 2, hidden=())
    a, b = torch.randn(3, 4), torch.randn(3, 3)
    there = torch.tensor([[1.0, 1], [1, 0], [0, 1]])
    x = torch.cat([a * there[:, :1], b * there[:, 1:]], dim=1)
    got = model.train()(batch(sound=a, words=b))
    torch.testing.assert_close(got.logits["class"], x @ model.head.weight.T + model.head.bias)
    assert torch.equal(got.latent, x)


def test_without_norm_it_draws_and_names_what_it_always_did() -> None:
    torch.manual_seed(3)
    model = Mlp({"sound": 4}, 2, hidden=(6, 5))
    torch.manual_seed(3)
    want = {"layers.0": torch.nn.Linear(4, 6), "layers.1": torch.nn.Linear(6, 5), "head": torch.nn.Linear(5, 2)}
    want_state = {f"{name}.{key}": x for name, part in want.items() for key, x in part.state_dict().items()}
    assert list(model.state_dict()) == list(want_state)
    assert all(torch.equal(model.state_dict()[name], x) for name, x in want_state.items())
