import pytest
import torch

from heterophony.augment import AUGMENTATIONS, ModalityDropout, augmented
from heterophony.batches import Batch
from heterophony.errors import ConfigError

ROWS = 20_000


def table(present: list[bool]) -> Batch:
    here = torch.tensor(present).expand(ROWS, len(present)).clone()
    inputs = {f"m{i}": here[:, i : i + 1].float().repeat(1, 3) for i in range(len(present))}
    return Batch(inputs=inputs, present=here, target=torch.ones(ROWS, 1), weight=torch.ones(ROWS))


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(7)


def close(part: torch.Tensor, probability: float) -> bool:
    return abs(float(part.float().mean()) - probability) < 5 * (probability * (1 - probability) / ROWS) ** 0.5


def test_two_modalities_are_dropped_as_often_as_the_law_says():
    kept = augmented(table([True, True]), ModalityDropout(probability=0.3), generator()).present
    # both stay: 0.7 * 0.7; only one stays: 0.3 * 0.7 by chance + half of 0.3 * 0.3 saved from losing all
    assert close(kept.all(dim=1), 0.49)
    assert close(kept[:, 0] & ~kept[:, 1], 0.255)
    assert close(kept[:, 1] & ~kept[:, 0], 0.255)


@pytest.mark.parametrize("probability", [0.5, 1.0])
def test_the_last_modality_is_never_dropped(probability):
    for present in ([True], [True, False], [False, True, True], [True, True, True]):
        batch = table(present)
        kept = augmented(batch, ModalityDropout(probability=probability), generator()).present
        assert torch.all(kept.any(dim=1))
        assert not torch.any(kept & ~batch.present)


def test_with_probability_one_each_of_three_survives_equally_often():
    kept = augmented(table([True, True, True]), ModalityDropout(probability=1.0), generator()).present
    assert torch.all(kept.sum(dim=1) == 1)
    assert all(close(kept[:, i], 1 / 3) for i in range(3))


def test_dropped_inputs_become_zero_and_the_others_stay():
    batch = table([True, True])
    params = ModalityDropout(probability=0.5).draw(batch, generator())
    changed = ModalityDropout(probability=0.5).apply(batch, params)
    for column, x in enumerate(changed.inputs.values()):
        assert torch.equal(x == 0, params.dropped[:, column, None].expand(ROWS, 3))
    assert torch.equal(changed.present, ~params.dropped)
    assert torch.all(batch.present)
    assert torch.all(batch.inputs["m0"] == 1)


def test_probability_zero_changes_nothing():
    batch = table([True, False])
    assert torch.equal(augmented(batch, ModalityDropout(probability=0.0), generator()).present, batch.present)


def test_a_probability_out_of_range_is_refused():
    with pytest.raises(ConfigError, match="probability must be from 0 to 1"):
        AUGMENTATIONS["modality-dropout"](probability=1.5)
