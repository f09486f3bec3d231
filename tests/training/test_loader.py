"""Batches prepared beside the step: the same ones, drawn apart from everything else."""

import torch

from heterophony.augment import Masking, Noise, augmented
from heterophony.training.loader import Loader

ROWS = [torch.tensor([3, 1]), torch.tensor([0, 2]), torch.tensor([4])]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_without_augmentations_nothing_is_drawn_and_there_is_no_thread(blobs):
    table, source = blobs(5), generator()
    before = source.get_state()
    loader = Loader.drawing_from(source, ())
    with loader.batches(table, ROWS) as coming:
        batches = list(coming)
    assert torch.equal(source.get_state(), before)
    assert loader.waited == 0.0
    for rows, batch in zip(ROWS, batches, strict=True):
        assert torch.equal(batch.inputs["m1"], table.inputs["m1"][rows])


def test_they_are_what_the_augmentations_make_one_after_the_other_with_a_generator_of_their_own(blobs):
    table, source, augment = blobs(5), generator(), [Noise(sigma=0.5), Masking()]
    loader, other = Loader.drawing_from(source, augment), generator()
    own = generator(int(torch.randint(2**63 - 1, (), generator=other)))
    assert torch.equal(source.get_state(), other.get_state())  # one number was drawn
    with loader.batches(table, ROWS) as coming:
        batches = list(coming)
    for rows, batch in zip(ROWS, batches, strict=True):
        wanted = table.take(rows)
        for augmentation in augment:
            wanted = augmented(wanted, augmentation, own)
        assert all(torch.equal(batch.inputs[name], x) for name, x in wanted.inputs.items())
    assert torch.equal(loader.generator.get_state(), own.get_state())
    assert torch.equal(source.get_state(), other.get_state())
