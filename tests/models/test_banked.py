"""A graph model with its bank: independent answers, saved and loaded whole, evidence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models.at_gcn import AtGcn
from heterophony.models.banked import Banked
from heterophony.models.dm_gcn import DmGcn
from heterophony.models.node_bank import GraphSettings, node_bank
from heterophony.training import infer

SETTINGS = {"dm": GraphSettings(k=4, scale="zscore"), "at": GraphSettings(k=4, features="own")}


def fresh(kind: str) -> Banked:
    torch.manual_seed(0)
    network = DmGcn(10, 3, 2, (8, 5)) if kind == "dm" else AtGcn((6, 4), 3, (8, 5))
    return Banked(network, ("sound", "words"), SETTINGS[kind]).eval()


def batch(views: list[Tensor], rows: slice) -> Batch:
    inputs = {name: view[rows].float() for name, view in zip(("sound", "words"), views, strict=True)}
    count = len(inputs["sound"])
    present = torch.ones(count, 2, dtype=torch.bool)
    present[count // 2, 0] = False
    return Batch(inputs=inputs, present=present, target=torch.ones(count, 1), weight=torch.ones(count))


@pytest.fixture(params=["dm", "at"])
def model(request: pytest.FixtureRequest, views: list[Tensor]) -> Banked:
    made = fresh(request.param)
    made.remember(node_bank(batch(views, slice(0, 30)), made.settings))
    return made


def test_an_answer_does_not_depend_on_the_company(model: Banked, views: list[Tensor]) -> None:
    new = batch(views, slice(30, 40))
    together = model(new).logits["class"]
    for row in (0, 5, 9):  # row 5 lacks the sound
        alone = model(new.take(torch.tensor([row]))).logits["class"]
        torch.testing.assert_close(alone[0], together[row], rtol=1e-5, atol=1e-6)
    turned = model(new.take(torch.arange(9, -1, -1))).logits["class"]
    torch.testing.assert_close(turned.flip(0), together, rtol=1e-5, atol=1e-6)


def test_it_is_saved_and_loaded_with_its_bank(model: Banked, views: list[Tensor], tmp_path: Path) -> None:
    save_file({name: x.contiguous() for name, x in model.state_dict().items()}, tmp_path / "model.safetensors")
    other = fresh("dm" if isinstance(model.network, DmGcn) else "at")
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.zero_()
    other.load_state_dict(load_file(tmp_path / "model.safetensors"))
    new = batch(views, slice(30, 40))
    assert torch.equal(other(new).logits["class"], model(new).logits["class"])


def test_what_is_spread_once_is_saved_and_is_that_of_the_bank_at_hand(model: Banked, views: list[Tensor]) -> None:
    new = batch(views, slice(30, 40))
    want = model(new).logits["class"]
    saved = {name: x.clone() for name, x in model.state_dict().items()}
    assert {name for name in saved if name.startswith("spread_")} == {"spread_0", "spread_1"}
    other = fresh("dm" if isinstance(model.network, DmGcn) else "at")
    other.load_state_dict(saved)
    assert all(torch.equal(one, two) for one, two in zip(other.known().first, model.bank.nodes().first, strict=True))
    assert torch.equal(other(new).logits["class"], want)
    model.remember(node_bank(batch(views, slice(0, 20)), model.settings))
    assert not [name for name in model.state_dict() if name.startswith("spread_")]
    assert len(model.known().first[0]) == 20


def test_segments_of_a_clip_see_each_other_where_that_is_asked_for(model: Banked, views: list[Tensor]) -> None:
    new = batch(views, slice(30, 40))
    alone = model(new).logits["class"]
    torch.testing.assert_close(model(replace(new, clips=torch.arange(10))).logits["class"], alone)
    pair = replace(new, clips=torch.tensor([0, 0, *range(2, 10)]))
    together = model(pair).logits["class"]
    torch.testing.assert_close(infer(model, pair, 1).logits["class"], together)  # a clip is not parted
    among = model.links_among(pair)["words"]
    assert sorted(zip(*among.nonzero(), strict=True)) == [(0, 1), (1, 0)]
    want = np.exp(-float((new.inputs["words"][0] - new.inputs["words"][1]).norm()) / model.bank.mu["words"])
    if not model.settings.scale.startswith("z"):
        assert among[0, 1] == pytest.approx(want, rel=1e-5)
    assert not torch.allclose(together[:2], alone[:2])
    torch.testing.assert_close(together[2:], alone[2:])


def test_the_neighbours_of_a_copy_are_evidence(model: Banked, views: list[Tensor]) -> None:
    found = model.neighbours(batch(views, slice(0, 4)))
    assert list(found) == ["sound", "words"]
    assert found["words"].neighbours[:, 0].tolist() == [0, 1, 2, 3]


def test_a_model_without_a_bank_says_so(views: list[Tensor]) -> None:
    with pytest.raises(ModelError, match="knows no samples yet"):
        fresh("dm")(batch(views, slice(0, 3)))
