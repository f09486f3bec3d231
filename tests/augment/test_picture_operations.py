from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from heterophony.augment.picture_magnitudes import strength
from heterophony.augment.picture_operations import GREY, NAMES, OPERATIONS, changed, cut_out
from heterophony.encoders.torchvision_models import torchvision_models


def picture(height: int = 60, width: int = 80, seed: int = 0) -> np.ndarray:
    """Smooth and coloured, with all that an operation might change."""
    rng = np.random.default_rng(seed)
    rows, columns = np.linspace(0, 3, height)[:, None, None], np.linspace(0, 4, width)[None, :, None]
    wave = 110 + 60 * np.sin(rows + 2 * columns + np.array([0.0, 1.0, 2.0])) + rng.normal(0, 8, (height, width, 3))
    return wave.clip(0, 255).astype(np.uint8)


def after(x: np.ndarray, operation: str, sign: int = 1) -> np.ndarray:
    return changed(x, operation, strength(operation, 14, "m30", sign, x.shape[:2]))


@pytest.mark.parametrize("operation", NAMES)
@pytest.mark.parametrize("size", [(60, 80), (1, 1), (224, 224)])
def test_size_and_type_stay_and_so_does_the_original(operation, size):
    x = picture(*size)
    y = after(x, operation)
    assert y.shape == x.shape
    assert y.dtype == np.uint8
    np.testing.assert_array_equal(x, picture(*size))
    assert not np.shares_memory(x, y)


@pytest.mark.parametrize("operation", sorted(set(NAMES) - {"identity"}))
def test_each_changes_something(operation):
    assert not np.array_equal(after(picture(), operation), picture())


def test_what_does_nothing_does_nothing():
    np.testing.assert_array_equal(after(picture(), "identity"), picture())


def test_invert_is_255_less_and_twice_it_is_nothing():
    np.testing.assert_array_equal(after(picture(), "invert"), 255 - picture())
    np.testing.assert_array_equal(after(after(picture(), "invert"), "invert"), picture())


def test_solarize_and_posterize_equal_plain_loops():
    x = picture()
    np.testing.assert_array_equal(after(x, "solarize"), np.where(x < 119.4667, x, 255 - x))
    np.testing.assert_array_equal(after(x, "posterize"), x & 0b1000_0000)
    np.testing.assert_array_equal(changed(x, "posterize", 6), x & 0b1111_1100)


def test_brightness_color_and_contrast_are_weighted_means():
    x = picture().astype(np.float64)
    grey = (x @ np.array([299, 587, 114]) / 1000)[..., None]
    for operation, other in (("brightness", 0.0), ("color", grey), ("contrast", grey.mean())):
        expected = 0.94 * x + 0.06 * other
        assert np.abs(after(picture(), operation) - expected).max() <= 1.1, operation


def test_autocontrast_spreads_each_colour_over_all_values():
    y = after((picture() // 3 + 40).astype(np.uint8), "autocontrast")
    assert y.min(axis=(0, 1)).tolist() == [0, 0, 0]
    assert y.max(axis=(0, 1)).tolist() == [255, 255, 255]


def test_translations_move_right_and_down_and_leave_black():
    x = picture()
    right, down = changed(x, "translate-x", 10.0), changed(x, "translate-y", 10.0)
    np.testing.assert_array_equal(right[:, 10:], x[:, :-10])
    np.testing.assert_array_equal(down[10:], x[:-10])
    assert not right[:, :10].any()
    assert not down[:10].any()


def test_shear_equals_a_plain_loop():
    x = picture()
    y = changed(x, "shear-x", 0.14)
    for row in range(60):
        for column in range(80):
            source = int(np.floor(column + 0.5 + 0.14 * (row + 0.5)))
            expected = x[row, source] if 0 <= source < 80 else np.zeros(3)
            assert np.array_equal(y[row, column], expected), (row, column)


@pytest.mark.parametrize("operation", ["translate-x", "shear-x", "rotate"])
def test_the_other_sign_is_the_mirrored_operation_of_the_mirrored_picture(operation):
    x = picture(61, 81)
    turned = changed(x[:, ::-1].copy(), operation, -strength(operation, 14, "m30", 1, (61, 81)))[:, ::-1]
    same = (turned == after(x, operation)).all(axis=2)
    assert same.mean() > 0.99


@pytest.mark.parametrize("operation", ["translate-y", "shear-y", "rotate"])
def test_and_likewise_upside_down(operation):
    x = picture(61, 81)
    turned = changed(x[::-1].copy(), operation, -strength(operation, 14, "m30", 1, (61, 81)))[::-1]
    assert (turned == after(x, operation)).all(axis=2).mean() > 0.99


@pytest.mark.parametrize("place", [(0.5, 0.5), (0.0, 0.0), (0.999, 0.3)])
def test_a_cutout_is_a_grey_square_that_ends_at_the_border(place):
    x = picture()
    y = cut_out(x, 18.67, place)
    row, column = int(place[0] * 60), int(place[1] * 80)
    for i in range(60):
        for j in range(80):
            inside = row - 9 <= i <= row + 9 and column - 9 <= j <= column + 9
            assert tuple(y[i, j]) == (GREY if inside else tuple(x[i, j]))


@pytest.mark.skipif(find_spec("torchvision") is None, reason="no torchvision")
@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - {"identity"}))
def test_it_is_what_torchvision_makes_of_it(operation):
    torchvision_models()
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms.autoaugment import _apply_op

    x = picture(224, 224)
    value = strength(operation, 14, "torchvision", 1, (224, 224))
    if operation.startswith("translate"):
        value = float(int(value))  # it moves by whole pixels
    name = {"autocontrast": "AutoContrast"}.get(operation) or operation.title().replace("-", "")
    theirs = value - 1 if operation in ("brightness", "color", "contrast", "sharpness") else value
    expected = np.array(_apply_op(Image.fromarray(x), name, theirs, InterpolationMode.NEAREST, None))
    assert (changed(x, operation, value) == expected).all(axis=2).mean() > 0.999
