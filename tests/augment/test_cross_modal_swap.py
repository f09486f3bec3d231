from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment import AUGMENTATIONS, CrossModalSwap, augmented
from heterophony.augment.cross_modal_swap import drawn_classes, swap_pool
from heterophony.batches import Batch
from heterophony.errors import ConfigError

CLASSES = torch.tensor([2, 0, 1, 2, 0, 2, 4, 0, 2, 2])  # class 1 and 4 once, class 3 never


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def table(label: torch.Tensor) -> Batch:
    rows = len(label)
    return Batch(
        inputs={"sound": torch.zeros(rows, 3), "words": -torch.ones(rows, 2)},
        present=torch.ones(rows, 2, dtype=torch.bool),
        target=torch.eye(6)[label],
        weight=torch.ones(rows),
        priors={"words": torch.zeros(rows, 6)},
    )


def swap(probability: float = 1.0) -> CrossModalSwap:
    """The pool's vectors are their own row numbers."""
    pool = torch.arange(10.0)[:, None].expand(10, 2).clone()
    return CrossModalSwap(probability=probability, pool=pool, pool_target=CLASSES)


def test_what_comes_in_is_of_the_same_class():
    batch = table(torch.tensor([0, 2]).repeat(500))
    rows = augmented(batch, swap(), generator()).inputs["words"][:, 0].long()
    assert torch.equal(CLASSES[rows], batch.target.argmax(dim=1))


def test_every_row_of_the_class_is_equally_likely():
    rows = swap().draw(table(torch.full((5000,), 2)), generator()).row.numpy()
    observed = np.unique(rows, return_counts=True)
    assert observed[0].tolist() == [0, 3, 5, 8, 9]
    assert stats.chisquare(observed[1]).pvalue > 1e-4


def test_as_many_are_swapped_as_the_probability_says():
    batch = table(torch.zeros(20_000, dtype=torch.long))
    part = swap(0.3).draw(batch, generator()).swapped.float().mean()
    assert abs(part - 0.3) < 5 * (0.3 * 0.7 / 20_000) ** 0.5


def test_classes_with_fewer_than_two_rows_are_left_alone():
    batch = table(torch.tensor([1, 3, 4, 5]).repeat(50))
    params = swap().draw(batch, generator())
    assert not params.swapped.any()
    assert torch.equal(swap().apply(batch, params).inputs["words"], batch.inputs["words"])


def test_the_target_and_all_else_stay():
    batch = table(torch.tensor([0, 2, 1]))
    changed = augmented(batch, swap(), generator())
    assert changed.inputs["sound"] is batch.inputs["sound"]
    assert changed.target is batch.target
    assert changed.weight is batch.weight
    assert changed.priors is batch.priors
    assert changed.modalities == batch.modalities
    assert torch.all(batch.inputs["words"] == -1)


def test_what_is_absent_stays_absent():
    batch = table(torch.zeros(100, dtype=torch.long))
    present = batch.present.clone()
    present[::2, 1] = False
    words = batch.inputs["words"] * present[:, 1:]
    changed = augmented(replace(batch, present=present, inputs={**batch.inputs, "words": words}), swap(), generator())
    assert torch.all(changed.inputs["words"][::2] == 0)
    assert torch.all(changed.inputs["words"][1::2] > 0)
    assert torch.equal(changed.present, present)


def test_probability_zero_changes_nothing():
    batch = table(torch.tensor([0, 2, 1]))
    assert torch.equal(augmented(batch, swap(0.0), generator()).inputs["words"], batch.inputs["words"])


def test_the_class_of_a_soft_target_is_drawn_with_its_probabilities():
    target = torch.tensor([0.5, 0.0, 0.3, 0.2]).expand(20_000, 4)
    drawn = drawn_classes(target, torch.rand(20_000, generator=generator(), dtype=torch.float64))
    observed = torch.bincount(drawn, minlength=4)
    assert observed[1] == 0
    assert stats.chisquare(observed[[0, 2, 3]].numpy(), [10_000, 6_000, 4_000]).pvalue > 1e-4


@pytest.mark.parametrize("uniform", [0.0, 0.5, 1 - 2**-53])
def test_a_hard_target_is_its_class_whatever_the_chance(uniform):
    drawn = drawn_classes(torch.eye(6), torch.full((6,), uniform, dtype=torch.float64))
    assert drawn.tolist() == list(range(6))


def test_the_pool_of_a_table_has_the_rows_with_the_modality():
    batch = table(torch.tensor([0, 2, 1, 2]))
    present = batch.present.clone()
    present[1, 1] = False
    words = torch.arange(8.0).reshape(4, 2)
    pool, label = swap_pool(replace(batch, present=present, inputs={**batch.inputs, "words": words}), "words")
    assert pool.tolist() == [[0, 1], [4, 5], [6, 7]]
    assert label.tolist() == [0, 1, 2]


def test_the_same_generator_gives_the_same_and_the_global_state_stays():
    before = torch.random.get_rng_state()
    batch = table(torch.tensor([0, 2]).repeat(50))
    first, second = (augmented(batch, swap(0.5), generator()).inputs["words"] for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_another_modality_can_be_swapped_and_one_that_is_not_there_is_refused():
    sound = CrossModalSwap(probability=1.0, pool=torch.ones(2, 3), pool_target=torch.zeros(2).long(), modality="sound")
    batch = table(torch.zeros(4, dtype=torch.long))
    assert torch.all(augmented(batch, sound, generator()).inputs["sound"] == 1)
    with pytest.raises(ConfigError, match="no modality 'video' to swap: there are sound, words"):
        replace(sound, modality="video").draw(batch, generator())


@pytest.mark.parametrize("probability", [-0.1, 1.5, float("nan")])
def test_a_probability_out_of_range_is_refused(probability):
    with pytest.raises(ConfigError, match="probability must be from 0 to 1"):
        AUGMENTATIONS["cross-modal-swap"](probability=probability, pool=torch.ones(2, 2), pool_target=CLASSES[:2])


@pytest.mark.parametrize(("rows", "classes"), [(0, 0), (3, 2)])
def test_a_pool_without_a_class_for_each_row_is_refused(rows, classes):
    with pytest.raises(ConfigError, match=f"rows with one class each: {rows}, {classes}"):
        CrossModalSwap(probability=0.3, pool=torch.ones(rows, 2), pool_target=CLASSES[:classes])


def test_a_negative_class_is_refused():
    with pytest.raises(ConfigError, match="classes must be >= 0"):
        CrossModalSwap(probability=0.3, pool=torch.ones(2, 2), pool_target=torch.tensor([0, -1]))
