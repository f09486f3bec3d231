"""Stages before the last one."""

import pytest
import torch
from torch import nn

from heterophony.batches import Batch
from heterophony.errors import InputError
from heterophony.models import Joint, Mlp
from heterophony.models.official_baseline import OfficialBaseline
from heterophony.recipes.load import as_recipe
from heterophony.recipes.spec import StageSpec
from heterophony.recipes.stages import just, part_of, train_stages
from heterophony.training import FitSettings, History


class Rows:
    """Rows that nobody reads."""

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def seconds(self, row: int) -> int:
        raise NotImplementedError

    at = whole = prepare = loudness = seconds


def batch() -> Batch:
    return Batch(
        inputs={"sound": torch.arange(6.0).reshape(3, 2), "pictures": torch.arange(3.0).reshape(3, 1)},
        present=torch.tensor([[True, True], [False, True], [True, False]]),
        target=torch.eye(3),
        weight=torch.tensor([1.0, 2.0, 3.0]),
        priors={"words": torch.zeros(3, 3)},
    )


def joint(head: nn.Module) -> Joint:
    return Joint({"sound": nn.Linear(4, 2), "pictures": nn.Linear(4, 1)}, head, {"sound": Rows(2), "pictures": Rows(1)})


def test_the_rows_that_have_a_modality_with_that_one_alone() -> None:
    some = just(batch(), "sound")
    assert some.modalities == ("sound",)
    assert some.inputs["sound"].tolist() == [[0.0, 1.0], [4.0, 5.0]]
    assert some.present.tolist() == [[True], [True]]
    assert some.weight.tolist() == [1.0, 3.0]
    assert not some.priors


def test_the_part_of_a_joint_network_shares_its_encoder_and_has_a_linear_head() -> None:
    network = joint(Mlp({"sound": 2, "pictures": 1}, 3))
    part = part_of(network, "pictures", 3)
    assert isinstance(part, Joint)
    assert part.encoders["pictures"] is network.encoders["pictures"]
    assert [tuple(x.shape) for x in part.head.parameters()] == [(3, 1), (3,)]


def test_a_model_with_parts_of_its_own_gives_its_own() -> None:
    network = OfficialBaseline({"sound": 2, "pictures": 1}, 3)
    names = {id(x) for x in network.parameters()}
    assert all(id(x) in names for x in part_of(network, "sound", 3).parameters())


def test_stages_come_in_order_each_with_its_rows_numbers_and_name() -> None:
    network, seen = joint(Mlp({"sound": 2, "pictures": 1}, 3)), []

    def fit_one(part, taught, chosen, augment, settings, name) -> History:
        seen.append((part is network, taught.modalities, len(taught), len(chosen), settings.epochs, name))
        return History(best_epoch=settings.epochs)

    stages = [(StageSpec(of=of), (), FitSettings(epochs=n)) for n, of in enumerate(("sound", "pictures", ""), 1)]
    histories = train_stages(network, stages, batch(), batch(), fit_one)
    assert [one.best_epoch for one in histories] == [1, 2, 3]
    assert seen == [
        (False, ("sound",), 2, 2, 1, "stage_0"),
        (False, ("pictures",), 2, 2, 2, "stage_1"),
        (True, ("sound", "pictures"), 3, 3, 3, "stage_2"),
    ]


def test_a_stage_without_rows_is_refused() -> None:
    lacking = batch().take(torch.tensor([1]))
    stages = [(StageSpec(of="sound"), (), FitSettings())]
    with pytest.raises(InputError, match=r"stages\.0: no training row has sound"):
        train_stages(joint(Mlp({"sound": 2, "pictures": 1}, 3)), stages, lacking, None, lambda *_: History())


PLAIN = {"name": "x", "modalities": {"sound": {"encoder": "yamnet"}}, "model": {"name": "mlp"}}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"stages": [{"of": "pictures"}]}, r"stages\.0\.of is pictures; the modalities are sound"),
        ({"stages": [{"of": "sound"}]}, r"neither does joint\.branches train it, nor has the model mlp a part"),
        ({"stages": [{"fit": {"validation": "train"}}]}, r"stages\.0\.fit\.validation is train; only the last stage"),
        ({"stages": [{}], "members": 2}, "stages go with one member, without pseudo and without finetune"),
    ],
)
def test_a_recipe_with_stages_of_nothing_is_refused(changed, said) -> None:
    with pytest.raises(ValueError, match=said):
        as_recipe({**PLAIN, **changed})
