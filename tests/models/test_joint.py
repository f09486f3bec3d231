"""Encoders of several modalities and the network behind them."""

import numpy as np
import pytest
import torch
from torch import nn

from heterophony.augment import Mixup, augmented
from heterophony.batches import Batch
from heterophony.encoders import pool_heard
from heterophony.errors import ModelError
from heterophony.losses import CrossEntropy
from heterophony.models import EncodeFeatures, Joint, Load, Mlp, Output
from heterophony.models.joint import TOGETHER
from heterophony.training import FitSettings, Group, fit, seeded


class Rows:
    """Row `r` has `r + 1` windows of `size` numbers, drawn for it, the louder the later."""

    def __init__(self, size: int, dim: int) -> None:
        self.size, self.dim = size, dim

    def seconds(self, row: int) -> int:
        return row + 1

    def at(self, row: int, second: int) -> np.ndarray:
        return np.random.default_rng([self.size, row, second]).normal(size=(1, self.size)).astype(np.float32)

    def whole(self, row: int):
        for second in range(row + 1):
            yield self.at(row, second)[None]

    def prepare(self, windows: np.ndarray) -> np.ndarray:
        return windows

    def loudness(self, windows: np.ndarray) -> np.ndarray:
        return np.arange(len(windows)) * 0


class Encoder(nn.Module):
    """Normalised, averaged over one axis, then linear."""

    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(1)
        self.linear = nn.Linear(size, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(self.norm(x)[:, 0])


class Side(nn.Module):
    """Its logits are its inputs, side by side."""

    def forward(self, batch: Batch) -> Output:
        x = torch.cat(list(batch.inputs.values()), dim=1)
        return Output(logits={"class": x}, latent=x, attention=torch.ones(len(x), 2))


def model(head: nn.Module | None = None) -> Joint:
    rows = {"sound": Rows(6, 3), "pictures": Rows(5, 2)}
    with seeded(0):
        encoders = {"sound": Encoder(6, 3), "pictures": Encoder(5, 2)}
        return Joint(encoders, head or Side(), rows)


def batch(sound: list[int], pictures: list[int]) -> Batch:
    numbers = torch.tensor([sound, pictures])
    return Batch(
        inputs={"sound": numbers[0][:, None], "pictures": numbers[1][:, None]},
        present=(numbers >= 0).T.contiguous(),
        target=torch.eye(2)[torch.arange(len(sound)) % 2],
        weight=torch.ones(len(sound)),
    )


def test_a_whole_row_is_the_mean_of_its_windows_however_they_are_grouped() -> None:
    joint = model().eval()
    long = TOGETHER + 3
    said = joint(batch([long, -1, 1], [2, 0, -1])).logits["class"]
    for place, (name, at, row) in enumerate((("sound", 0, long), ("pictures", 0, 2), ("pictures", 1, 0))):
        rows, network = joint.rows[name], joint.encoders[name]
        with torch.no_grad():
            groups = [(network(torch.from_numpy(x)).numpy(), np.zeros(1, dtype=np.int64)) for x in rows.whole(row)]
        columns = slice(0, 3) if name == "sound" else slice(3, 5)
        np.testing.assert_allclose(said[at, columns], pool_heard(groups, "mean"), rtol=1e-5, atol=1e-6), place
    assert not said[1, :3].any()
    assert not said[2, 3:].any()


def test_vectors_pass_as_they_are_and_numbers_are_refused_in_training() -> None:
    joint = model().train()
    given = batch([0, 1], [0, 1])
    with pytest.raises(ModelError, match="sound comes as numbers of rows; in training they must go through Load"):
        joint(given)
    vectors = Batch(
        inputs={"sound": torch.ones(2, 3), "pictures": torch.zeros(2, 2)},
        present=given.present,
        target=given.target,
        weight=given.weight,
    )
    assert torch.equal(joint(vectors).logits["class"], torch.tensor([[1.0, 1, 1, 0, 0]] * 2))


def test_absent_rows_do_not_move_the_statistics_of_an_encoder() -> None:
    load = Load(rows=model().rows, changes={})
    one, two = model().train(), model().train()
    generator = torch.Generator().manual_seed(1)
    params = load.draw(batch([2, -1, 1], [0, 1, 2]), generator)
    one(load.apply(batch([2, -1, 1], [0, 1, 2]), params))
    some = type(params)(share=params.share[[0, 2]], seed=params.seed[[0, 2]])
    two(load.apply(batch([2, 1], [0, 2]), some))
    assert torch.equal(one.encoders["sound"].norm.running_mean, two.encoders["sound"].norm.running_mean)
    assert not torch.equal(one.encoders["pictures"].norm.running_mean, two.encoders["pictures"].norm.running_mean)


def test_vectors_are_forgotten_when_anything_is_trained() -> None:
    joint = model().eval()
    before = joint(batch([1], [1])).logits["class"]
    with torch.no_grad():
        joint.encoders["sound"].linear.bias += 1
    assert torch.equal(joint(batch([1], [1])).logits["class"], before)  # known
    joint.train().eval()
    torch.testing.assert_close(joint(batch([1], [1])).logits["class"][:, :3], before[:, :3] + 1)


def test_mixing_inputs_and_mixing_vectors_differ_where_an_encoder_is_not_linear_and_agree_where_it_is() -> None:
    joint = model().train()
    for encoder in joint.encoders.values():
        encoder.norm = nn.Identity()
        nn.init.zeros_(encoder.linear.bias)
    load, mixup = Load(rows=joint.rows, changes={}), Mixup(ratio=0.4, partner="other")
    given = batch([2, 0, 1], [1, 2, 0])
    loaded = augmented(given, load, torch.Generator().manual_seed(0))
    drawn = mixup.draw(loaded, torch.Generator().manual_seed(5))
    inputs = joint(mixup.apply(loaded, drawn)).logits["class"]
    encode = EncodeFeatures(model=joint)
    vectors = mixup.apply(augmented(loaded, encode, torch.Generator()), drawn)
    torch.testing.assert_close(joint(vectors).logits["class"], inputs)
    assert vectors.inputs["sound"].requires_grad


@pytest.mark.parametrize("frozen", ["sound", "pictures"])
def test_a_frozen_encoder_stays_still_and_the_other_moves(frozen) -> None:
    joint = model(Mlp({"sound": 3, "pictures": 2}, 2, hidden=(4,), dropout=0.0))
    before = {key: x.clone() for key, x in joint.state_dict().items()}
    table = batch([0, 1, 2, 3], [3, 2, 1, 0])
    fit(
        joint,
        table,
        None,
        loss=CrossEntropy(),
        augment=(),
        ahead=[Load(rows=joint.rows, changes={})],
        settings=FitSettings(epochs=2, batch=2, groups=(Group(match=f"encoders.{frozen}", frozen=True),)),
        score=lambda _logits, _target: {},
        generator=torch.Generator().manual_seed(0),
    )
    moved = {key for key, x in joint.state_dict().items() if not torch.equal(x, before[key])}
    assert not any(key.startswith(f"encoders.{frozen}") for key in moved)
    other = {"sound": "pictures", "pictures": "sound"}[frozen]
    assert {f"encoders.{other}.norm.running_mean", f"encoders.{other}.linear.weight", "head.head.weight"} <= moved


def test_alone_one_encoder_is_trained_with_another_head() -> None:
    joint = model()
    part = joint.alone("pictures", Mlp({"pictures": 2}, 2, hidden=(4,)))
    assert part.encoders["pictures"] is joint.encoders["pictures"]
    assert set(part.rows) == {"pictures"}
