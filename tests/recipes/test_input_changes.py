"""What a recipe does to waveforms, spectrograms and frames in training."""

import json

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

from heterophony.augment import SpecAugment
from heterophony.recipes.input_changes import changes_of, of_spectrograms
from heterophony.recipes.spec import InputAugmentSpec

SPECS = TypeAdapter(tuple[InputAugmentSpec, ...])
ALIKE = {0: [0, 1, 2], 1: [0, 1, 2], 2: [0, 1, 2], 3: [3]}


class Rows:
    """Row `r` has three seconds; second `s` is 1 + 10 r + s everywhere."""

    dim = 1

    def seconds(self, row: int) -> int:
        return 3

    def at(self, row: int, second: int) -> np.ndarray:
        return np.full((2, 4), 1 + 10 * row + second, dtype=np.float32)

    def whole(self, row: int):
        yield self.at(row, 0)[None]

    def prepare(self, windows: np.ndarray) -> np.ndarray:
        return windows

    def loudness(self, windows: np.ndarray) -> np.ndarray:
        return np.zeros(len(windows), dtype=np.int64)


def changes(*raw: dict):
    return changes_of(SPECS.validate_json(json.dumps(raw)), Rows(), ALIKE)


def drawn(change, x: np.ndarray, row: int, times: int) -> list[np.ndarray]:
    generator = torch.Generator().manual_seed(0)
    return [change(x, row, generator) for _ in range(times)]


def test_waveforms_come_one_by_one_and_spectrograms_as_a_batch_in_the_order_of_the_recipe() -> None:
    specs = SPECS.validate_json(
        json.dumps([{"name": "spec-augment", "share": 0.5}, {"name": "additive-noise"}, {"name": "channel-confusion"}])
    )
    assert len(changes_of(specs, Rows(), ALIKE)) == 1
    first, second = of_spectrograms(specs, "sound")
    assert (first.modality, first.perturbation) == ("sound", SpecAugment(share=0.5))
    assert type(second.perturbation).__name__ == "ChannelConfusion"


@pytest.mark.parametrize(("probability", "low", "high"), [(0.0, 0, 0), (0.25, 70, 130), (1.0, 400, 400)])
def test_as_many_are_changed_as_the_probability_says(probability, low, high) -> None:
    (change,) = changes({"name": "additive-noise", "sigma": 1.0, "probability": probability})
    x = np.ones((1, 3), dtype=np.float32)
    assert low <= sum(not np.array_equal(one, x) for one in drawn(change, x, 0, 400)) <= high


def test_another_row_of_the_class_is_added_never_the_row_itself() -> None:
    (change,) = changes({"name": "same-class-mix", "low": 1.0, "high": 1.0})
    x = np.zeros((2, 4), dtype=np.float32)
    seen = {float(one[0, 0]) for one in drawn(change, x, 0, 100)}
    assert seen == {11.0, 12.0, 13.0, 21.0, 22.0, 23.0}  # every second of rows 1 and 2


@pytest.mark.parametrize("row", [3, 7])
def test_a_row_alone_in_its_class_or_not_of_training_stays(row) -> None:
    (change,) = changes({"name": "same-class-mix"})
    x = np.ones((2, 4), dtype=np.float32)
    assert all(one is x for one in drawn(change, x, row, 20))


@pytest.mark.parametrize(("none", "same"), [(True, 200), (False, 0)])
def test_one_of_several_each_as_likely_as_none(none, same) -> None:
    (change,) = changes(
        {
            "name": "one-of",
            "none": none,
            "of": [{"name": "same-class-mix", "low": 1.0, "high": 1.0}, {"name": "additive-noise", "sigma": 0.001}],
        }
    )
    x = np.ones((2, 4), dtype=np.float32)
    results = drawn(change, x, 0, 600)
    unchanged = sum(np.array_equal(one, x) for one in results)
    mixed = sum(bool(one.min() > 5) for one in results)
    assert abs(unchanged - same) <= 45 * none
    assert abs(mixed - 600 / (2 + none)) <= 45
    assert unchanged + mixed + sum(0 < np.abs(one - x).max() < 1 for one in results) == 600


def test_frames_of_a_second_are_changed_alike() -> None:
    (change,) = changes({"name": "rand-augment", "operations": ["invert"], "n": 1})
    frames = np.arange(2 * 3 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3, 3)
    assert np.array_equal(change(frames, 0, torch.Generator()), 255 - frames)
