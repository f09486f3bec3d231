"""The official baseline against its layers written out, its published size, and how its two stages train."""

import pytest
import torch
from torch.nn.functional import one_hot

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.losses import CrossEntropy
from heterophony.models.mlp import Mlp
from heterophony.models.official_baseline import OfficialBaseline
from heterophony.training import FitSettings, Group, fit


def table(rows: int, **dims: int) -> Batch:
    generator = torch.Generator().manual_seed(rows)
    return Batch(
        inputs={name: torch.randn(rows, dim, generator=generator) for name, dim in dims.items()},
        present=torch.ones(rows, len(dims), dtype=torch.bool),
        target=one_hot(torch.arange(rows) % 3, 3).float(),
        weight=torch.ones(rows),
    )


def count(model: torch.nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def normalised(norm: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    """What batch normalisation makes of rows outside training."""
    mean, var, scale, shift = (norm.get_buffer("running_mean"), norm.get_buffer("running_var"), *norm.parameters())
    return (x - mean) / (var + 1e-5).sqrt() * scale + shift


def test_it_has_the_published_number_of_parameters() -> None:
    model = OfficialBaseline({"sound": 512, "pictures": 512}, 10)
    assert count(model.alone("sound")) == count(model.alone("pictures")) == 338_634
    assert count(model.fuse) + count(model.head) == 34_186
    assert count(model) == 711_454


def test_what_is_fused_is_said_before_the_second_normalisation() -> None:
    torch.manual_seed(0)
    model = OfficialBaseline({"sound": 4, "pictures": 3}, 3)
    train, given = table(16, sound=4, pictures=3), table(5, sound=4, pictures=3)
    model.train()(train)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    got = model.eval()(given)
    hidden = []
    for name in ("sound", "pictures"):
        mean, var = train.inputs[name].mean(0), train.inputs[name].var(0)
        x = (given.inputs[name] - mean) / (var + 1e-5).sqrt()  # z-scores: one batch was all there is to know
        net = model.alone(name).net
        assert net.norms is not None
        first, second, _ = net.layers
        x = normalised(net.norms[0], first(x))
        hidden.append(second(x.clamp_min(0)))
    latent = torch.cat(hidden, dim=1) @ model.fuse.weight.T + model.fuse.bias
    torch.testing.assert_close(got.latent, latent, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(
        got.logits["class"], latent @ model.head.weight.T + model.head.bias, rtol=1e-3, atol=1e-4
    )
    assert got.attention.tolist() == [[0.5, 0.5]] * 5


def test_alone_it_is_the_classifier_on_scaled_vectors_and_shares_its_parameters() -> None:
    model = OfficialBaseline({"sound": 4, "pictures": 3}, 3).eval()
    alone = model.alone("pictures")
    given = table(5, pictures=3)
    assert isinstance(alone.net, Mlp)
    torch.testing.assert_close(alone(given).logits["class"], alone.net(given).logits["class"], rtol=1e-4, atol=1e-5)
    both = table(5, sound=4, pictures=3)
    before = model(both).logits["class"]
    with torch.no_grad():
        alone.net.layers[0].weight.mul_(2)  # type: ignore[operator]
    assert not torch.equal(model(both).logits["class"], before)


def test_absent_rows_are_zero_and_do_not_come_into_the_statistics() -> None:
    torch.manual_seed(0)
    model = OfficialBaseline({"sound": 4, "pictures": 3}, 3).train()
    given = table(6, sound=4, pictures=3)
    given.present[2:4, 0] = False
    given.inputs["sound"][2:4] = 1e6
    model(given)
    seen = given.inputs["sound"][[0, 1, 4, 5]]
    torch.testing.assert_close(model.alone("sound").scale.running_mean, seen.mean(0))
    hidden = model.eval().alone("sound").hidden(given)
    assert hidden[2:4].abs().max() == 0
    assert hidden[[0, 1, 4, 5]].abs().min() > 0
    assert model(given).attention[2].tolist() == [0, 1]
    lonely = table(2, sound=4)
    lonely.present[:] = False
    assert model.train().alone("sound")(lonely).logits["class"].tolist() == [[0] * 3] * 2


def test_frozen_networks_stay_as_they_are_while_the_layers_over_them_are_trained() -> None:
    torch.manual_seed(0)
    model = OfficialBaseline({"sound": 4, "pictures": 3}, 3)
    before = {name: x.clone() for name, x in model.state_dict().items()}
    fit(
        model,
        table(24, sound=4, pictures=3),
        None,
        loss=CrossEntropy(),
        augment=[],
        settings=FitSettings(epochs=2, batch=8, groups=(Group(match="nets", frozen=True),)),
        score=lambda *_: {},
        generator=torch.Generator().manual_seed(0),
    )
    moved = {name.split(".")[0] for name, x in model.state_dict().items() if not torch.equal(x, before[name])}
    assert moved == {"fuse", "head"}


def test_other_modalities_are_refused() -> None:
    model = OfficialBaseline({"sound": 4, "pictures": 3}, 3)
    with pytest.raises(ModelError, match=r"takes the modalities \('sound', 'pictures'\); got \('sound',\)"):
        model(table(3, sound=4))
    with pytest.raises(ModelError, match="takes the modality sound alone"):
        model.alone("sound")(table(3, sound=4, pictures=3))
    with pytest.raises(ModelError, match="no modality"):
        OfficialBaseline({}, 3)
