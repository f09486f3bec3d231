"""Numbers of decoded rows become features of one random second."""

import numpy as np
import pytest
import torch

from heterophony.augment import ChannelConfusion, SpecAugment, augmented
from heterophony.batches import Batch
from heterophony.models.load import Load, OfModality


class Seconds:
    """Rows of `row + 2` seconds; the second `s` of row `r` is two channels of ten samples, 100 r + s."""

    dim = 3

    def seconds(self, row: int) -> int:
        return row + 2

    def at(self, row: int, second: int) -> np.ndarray:
        return np.full((2, 10), 100 * row + second, dtype=np.float32)

    def whole(self, row: int):
        yield np.stack([self.at(row, second) for second in range(self.seconds(row))])

    def prepare(self, windows: np.ndarray) -> np.ndarray:
        return np.repeat(windows[:, :, None], 4, axis=2)  # [n, channels, 4 bins, 10 frames]

    def loudness(self, windows: np.ndarray) -> np.ndarray:
        return np.zeros(len(windows), dtype=np.int64)


def batch(numbers: list[int], more: list[int] | None = None) -> Batch:
    inputs = {"sound": torch.tensor(numbers)[:, None]}
    columns = [torch.tensor(numbers) >= 0]
    if more is not None:
        inputs["pictures"] = torch.tensor(more)[:, None]
        columns.append(torch.tensor(more) >= 0)
    return Batch(
        inputs=inputs,
        present=torch.stack(columns, dim=1),
        target=torch.eye(len(numbers)),
        weight=torch.ones(len(numbers)),
    )


def add_row(x: np.ndarray, row: int, generator: torch.Generator) -> np.ndarray:
    return x + float(torch.rand((), generator=generator)) + 1000 * row


def test_sound_and_pictures_are_of_the_same_second_and_every_second_comes() -> None:
    load = Load(rows={"sound": Seconds(), "pictures": Seconds()}, changes={})
    generator, seen = torch.Generator().manual_seed(0), set()
    for _ in range(60):
        loaded = augmented(batch([3, 1], [3, 1]), load, generator)
        sound, pictures = loaded.inputs["sound"][:, 0, 0, 0], loaded.inputs["pictures"][:, 0, 0, 0]
        assert torch.equal(sound, pictures)
        seen |= set(sound.tolist())
    assert seen == {300.0, 301.0, 302.0, 303.0, 304.0, 100.0, 101.0, 102.0}


def test_absent_rows_are_zeros_of_the_same_shape() -> None:
    load = Load(rows={"sound": Seconds(), "pictures": Seconds()}, changes={})
    loaded = augmented(batch([-1, 1], [-1, -1]), load, torch.Generator().manual_seed(0))
    assert loaded.inputs["sound"].shape == loaded.inputs["pictures"].shape == (2, 2, 4, 10)
    assert not loaded.inputs["sound"][0].any()
    assert loaded.inputs["sound"][1].min() >= 100
    assert not loaded.inputs["pictures"].any()


def test_a_change_depends_on_the_seed_of_its_row_alone() -> None:
    load = Load(rows={"sound": Seconds()}, changes={"sound": [add_row]})
    drawn = load.draw(batch([3, 1, 2]), torch.Generator().manual_seed(4))
    once, again = load.apply(batch([3, 1, 2]), drawn), load.apply(batch([3, 1, 2]), drawn)
    assert torch.equal(once.inputs["sound"], again.inputs["sound"])
    alone = load.apply(batch([1]), type(drawn)(share=drawn.share[1:2], seed=drawn.seed[1:2]))
    assert torch.equal(alone.inputs["sound"][0], once.inputs["sound"][1])
    assert float(once.inputs["sound"][0, 0, 0, 0] % 1) != float(once.inputs["sound"][1, 0, 0, 0] % 1)


def test_what_does_not_come_in_the_batch_is_left_out() -> None:
    load = Load(rows={"sound": Seconds(), "pictures": Seconds()}, changes={})
    assert set(augmented(batch([1, 2]), load, torch.Generator().manual_seed(0)).inputs) == {"sound"}


def test_spectrograms_of_one_modality_are_changed_and_absent_ones_stay_zeros() -> None:
    load = Load(rows={"sound": Seconds(), "pictures": Seconds()}, changes={})
    generator = torch.Generator().manual_seed(0)
    loaded = augmented(batch([-1, 1, 2], [0, 1, 2]), load, generator)
    loaded.inputs["sound"][1, 0] = 7.0
    swapped = augmented(loaded, OfModality(modality="sound", perturbation=ChannelConfusion(probability=1.0)), generator)
    assert torch.equal(swapped.inputs["sound"][1, 1], torch.full((4, 10), 7.0))
    assert torch.equal(swapped.inputs["pictures"], loaded.inputs["pictures"])
    mask = SpecAugment(share=1.0, fill="mean")
    hidden = augmented(loaded, OfModality(modality="sound", perturbation=mask), generator)
    assert not hidden.inputs["sound"][0].any()


def test_spectrograms_of_one_channel_need_no_axis_for_it() -> None:
    features = torch.ones(2, 96, 64)
    given = Batch(
        inputs={"sound": features},
        present=torch.ones(2, 1, dtype=torch.bool),
        target=torch.eye(2),
        weight=torch.ones(2),
    )
    drawn = (torch.Generator().manual_seed(3), torch.Generator().manual_seed(3))
    hidden = augmented(given, OfModality(modality="sound", perturbation=SpecAugment(share=0.5)), drawn[0])
    want = augmented_alone(features[:, None], SpecAugment(share=0.5), drawn[1])[:, 0]
    assert torch.equal(hidden.inputs["sound"], want)
    assert 0 < int((want == 0).sum()) < want.numel()


def augmented_alone(x: torch.Tensor, perturbation: SpecAugment, generator: torch.Generator) -> torch.Tensor:
    return perturbation.apply(x, perturbation.draw(x, generator))


@pytest.mark.parametrize("share", [0.0, 0.999999])
def test_the_first_and_the_last_second_can_come(share) -> None:
    load = Load(rows={"sound": Seconds()}, changes={})
    drawn = load.draw(batch([3]), torch.Generator())
    loaded = load.apply(batch([3]), type(drawn)(share=torch.tensor([share]), seed=drawn.seed))
    assert loaded.inputs["sound"][0, 0, 0, 0] == (300 if share == 0 else 304)
