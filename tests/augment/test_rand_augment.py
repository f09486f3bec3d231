from collections import Counter

import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment import PICTURE_AUGMENTATIONS, RandAugment, perturbed
from heterophony.augment.picture_operations import NAMES, changed
from heterophony.errors import ConfigError


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(frames: int = 2, size: int = 24) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (frames, size, size, 3)).astype(np.uint8)


def test_it_equals_the_operations_one_after_the_other():
    x, part = pictures(3), RandAugment(operations=NAMES, n=3, frames="own")
    drawn = part.draw(x, generator())
    y = part.apply(x, drawn)
    for picture, result, steps in zip(x, y, drawn, strict=True):
        assert len(steps) == 3
        for step in steps:
            picture = changed(picture, step.operation, step.strength, step.place)
        np.testing.assert_array_equal(result, picture)


def test_one_picture_in_nine_stays_as_it_is_under_the_final_policy():
    chance, x, part = generator(), pictures(1), RandAugment()
    pairs = Counter(tuple(step.operation for step in part.draw(x, chance)[0]) for _ in range(3600))
    assert len(pairs) == 9
    assert stats.chisquare(list(pairs.values())).pvalue > 1e-4
    assert stats.binomtest(pairs["identity", "identity"], 3600, 1 / 9).pvalue > 1e-4


def test_one_picture_in_nine_has_the_same_bytes():
    x = pictures(1)
    chance, part = generator(), RandAugment()
    same = sum(np.array_equal(perturbed(x, part, chance), x) for _ in range(900))
    assert stats.binomtest(same, 900, 1 / 9).pvalue > 1e-4


def test_a_trial_of_one_operation_is_applied_to_half_and_either_way():
    chance, x = generator(), pictures(1)
    trial = RandAugment(operations=("rotate",), n=1, probability=0.5)
    drawn = [trial.draw(x, chance)[0][0] for _ in range(2000)]
    turned = [step.strength for step in drawn if step.operation == "rotate"]
    assert stats.binomtest(len(turned), 2000, 0.5).pvalue > 1e-4
    assert {round(abs(value), 9) for value in turned} == {14.0}
    assert stats.binomtest(sum(value > 0 for value in turned), len(turned), 0.5).pvalue > 1e-4
    assert {step.operation for step in drawn} == {"rotate", "identity"}


def test_all_pictures_of_a_clip_get_the_same_draw_unless_each_its_own():
    x = np.repeat(pictures(1), 6, axis=0)
    same = perturbed(x, RandAugment(operations=NAMES), generator())
    assert all(np.array_equal(one, same[0]) for one in same)
    own = perturbed(x, RandAugment(operations=NAMES, frames="own"), generator())
    assert not all(np.array_equal(one, own[0]) for one in own)


@pytest.mark.parametrize("operation", NAMES)
def test_size_and_type_stay(operation):
    x = pictures()
    y = perturbed(x, RandAugment(operations=(operation,)), generator())
    assert y.shape == x.shape
    assert y.dtype == np.uint8
    np.testing.assert_array_equal(x, pictures())


def test_the_same_seed_gives_the_same_bytes():
    part = RandAugment(operations=NAMES, n=2, frames="own")
    one, two, other = (perturbed(pictures(4), part, generator(seed)) for seed in (7, 7, 8))
    assert one.tobytes() == two.tobytes() != other.tobytes()


def test_the_other_scale_knows_the_size_of_the_picture():
    part = RandAugment(operations=("translate-x",), n=1, scale="torchvision")
    drawn = part.draw(np.zeros((1, 100, 331, 3), dtype=np.uint8), generator())
    assert abs(drawn[0][0].strength) == pytest.approx(150 * 14 / 30)


def test_no_pictures_stay_none():
    assert perturbed(pictures(0), RandAugment(), generator()).shape == (0, 24, 24, 3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"operations": ("rotat",)}, "no operation on pictures is called 'rotat'"),
        ({"operations": ()}, "wanted one operation at least"),
        ({"n": 0}, "wanted one operation at least, n >= 1"),
        ({"magnitude": 31}, "magnitude must be from 0 to 30, is 31"),
        ({"probability": 1.5}, "probability must be from 0 to 1"),
        ({"operations": ("cutout",), "scale": "torchvision"}, "'cutout' has no magnitude on the scale"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong, message):
    with pytest.raises(ConfigError, match=message):
        PICTURE_AUGMENTATIONS["rand-augment"](**wrong)
