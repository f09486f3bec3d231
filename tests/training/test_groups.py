"""Parts of a model with rates of their own; frozen ones do not move, their statistics included."""

import pytest
import torch
from torch import nn

from heterophony.batches import Batch
from heterophony.errors import ConfigError
from heterophony.losses import CrossEntropy
from heterophony.models import Output
from heterophony.training import FitSettings, Group, fit, seeded
from heterophony.training.groups import group_of, refuse_groups_without_parameters, train_mode


class Stages(nn.Module):
    """Blocks with batch normalisation and dropout, and a layer at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            [nn.Sequential(nn.Linear(16, 16), nn.BatchNorm1d(16), nn.Dropout(0.5)) for _ in range(3)]
        )
        self.head = nn.Linear(16, 3)

    def forward(self, batch: Batch) -> Output:
        (x,) = batch.inputs.values()
        for block in self.blocks:
            x = block(x)
        return Output(logits={"class": self.head(x)}, latent=x, attention=torch.ones(len(x), 1))


@pytest.fixture
def stages() -> Stages:
    with seeded(0):
        return Stages()


def run(model, train, groups, validation=None, **settings):
    return fit(
        model,
        train,
        validation,
        loss=CrossEntropy(),
        augment=[],
        settings=FitSettings(groups=groups, **settings),
        score=lambda logits, target: {"accuracy": 0.0},
        generator=torch.Generator().manual_seed(0),
    )


def moved(before, model):
    """Names of the tensors that have changed."""
    return {name for name, x in model.state_dict().items() if not torch.equal(x, before[name])}


@pytest.mark.parametrize("group", [Group(match="blocks.0", lr=0.0), Group(match="blocks.0", frozen=True)])
def test_what_is_frozen_keeps_its_weights_and_its_running_statistics(stages, blobs, group):
    before = {name: x.clone() for name, x in stages.state_dict().items()}
    run(stages, blobs(100, modalities=1), (group,), epochs=2, batch=16, weight_decay=0.1)
    assert moved(before, stages) == {name for name in before if not name.startswith("blocks.0.")}
    assert all(parameter.requires_grad for parameter in stages.parameters())  # given back


def test_dropout_of_a_frozen_part_is_off_and_that_of_the_others_on(stages):
    train_mode(stages, (Group(match="blocks.1", frozen=True),))
    assert [block[2].training for block in stages.blocks] == [True, False, True]
    assert stages.training
    train_mode(
        stages,
        (
            Group(match="*.1.weight", lr=0.0),
            Group(match="*.1.bias", lr=0.0),
            Group(match="*running*", frozen=True),
            Group(match="*num_batches*", frozen=True),
        ),
    )
    assert [block[1].training for block in stages.blocks] == [False] * 3
    assert [block[2].training for block in stages.blocks] == [True] * 3


def test_a_group_has_its_rate_and_the_rest_the_default(stages, blobs):
    # Adam's first step moves every weight by its learning rate, whatever the gradient
    before = {name: x.clone() for name, x in stages.named_parameters()}
    groups = (Group(match="head", lr=3e-4), Group(match="blocks.2", lr=2e-4), Group(match="blocks.*.0.weight", lr=5e-5))
    run(stages, blobs(64, modalities=1), groups, epochs=1, lr=1e-4, weight_decay=0.0)
    wanted = {"head.weight": 3e-4, "blocks.2.1.weight": 2e-4, "blocks.2.0.weight": 2e-4, "blocks.0.0.weight": 5e-5}
    wanted |= {"blocks.1.0.weight": 5e-5, "blocks.1.1.weight": 1e-4, "blocks.0.1.bias": 1e-4}
    for name, rate in wanted.items():
        step = (dict(stages.named_parameters())[name] - before[name]).detach().abs().median()
        assert float(step) == pytest.approx(rate, rel=1e-2), name


def test_a_group_has_its_weight_decay(stages, blobs):
    # Decoupled: with a rate and a decay so large that only the shrinking shows
    before = {name: x.clone() for name, x in stages.named_parameters()}
    groups = (Group(match="head", weight_decay=0.0), Group(match="blocks.0", weight_decay=5e5))
    run(stages, blobs(64, modalities=1), groups, epochs=1, lr=1e-6, weight_decay=2e5, optimiser="adamw")
    after = dict(stages.named_parameters())
    for name, factor in {"head.weight": 1.0, "blocks.0.0.weight": 0.5, "blocks.1.0.weight": 0.8}.items():
        torch.testing.assert_close(after[name], factor * before[name], atol=2e-6, rtol=0)


def test_the_first_match_wins_and_a_beginning_ends_at_a_dot():
    groups = (Group(match="a.b"), Group(match="a"), Group(match="*.bias"))
    names = ["a.b.weight", "a.bc.weight", "a.bias", "x.bias", "ab.weight", "a.b"]
    assert [group_of(name, groups) for name in names] == [0, 1, 1, 2, None, 0]


def test_a_group_that_matches_nothing_is_refused_with_the_nearest_names(stages, blobs):
    with pytest.raises(ConfigError, match=r"group 'block.1' matches no parameter of the model; near are: blocks\.1"):
        refuse_groups_without_parameters(stages, (Group(match="head"), Group(match="block.1")))
    with pytest.raises(ConfigError, match=r"'blocks\.7' matches no parameter"):
        run(stages, blobs(20, modalities=1), (Group(match="blocks.7", lr=0.1),))


def test_a_model_that_is_all_frozen_is_refused(stages, blobs):
    with pytest.raises(ConfigError, match="every parameter of the model is frozen"):
        run(stages, blobs(20, modalities=1), (Group(match="*", lr=0.0),))


def test_numbers_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="lr must be >= 0, is -1; weight_decay must be >= 0, is nan; match is empty"):
        Group(match="", lr=-1, weight_decay=float("nan"))


def test_groups_that_say_the_defaults_change_no_byte(blobs):
    states = []
    for groups in ((), (Group(match="*", lr=1e-3, weight_decay=1e-5),)):
        with seeded(0):
            model = Stages()
        run(model, blobs(100, modalities=1), groups, epochs=2, batch=16)
        states.append(b"".join(x.numpy().tobytes() for x in model.state_dict().values()))
    assert states[0] == states[1]
