"""Mixing and repair, by hand."""

import numpy as np
import pytest

from heterophony.media.mono import LOUDEST, left_and_right, mix_down, repair


def test_the_mean_of_three_channels_is_the_mean():
    block = np.array([[0.3, 0.6, 0.0], [-1.0, 1.0, 0.5]], np.float32)
    np.testing.assert_allclose(mix_down(block), [0.3, 0.5 / 3], rtol=1e-6)


def test_one_channel_is_copied_as_it_is():
    block = np.array([[0.1], [np.nan]], np.float32)
    mono = mix_down(block)
    mono[0] = 9
    assert block[0, 0] == np.float32(0.1)
    assert np.isnan(mono[1])


def test_the_mean_does_not_depend_on_how_the_frames_are_cut():
    block = np.random.default_rng(0).standard_normal((1000, 7)).astype(np.float32)
    assert np.array_equal(mix_down(block), np.concatenate([mix_down(block[:333]), mix_down(block[333:])]))


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf, 2 * LOUDEST, -2 * LOUDEST])
def test_a_broken_sample_becomes_zero_and_the_others_stay(broken):
    mono = np.array([0.5, broken, -0.75], np.float32)
    assert repair(mono) == (1, 0.75)
    assert mono.tolist() == [0.5, 0.0, -0.75]


def test_nothing_is_changed_where_nothing_is_broken():
    mono = np.array([0.5, -LOUDEST], np.float32)
    assert repair(mono) == (0, LOUDEST)
    assert mono.tolist() == [0.5, -LOUDEST]


def test_opposite_infinities_cancel_into_a_broken_sample_without_a_warning():
    mono = mix_down(np.array([[np.inf, -np.inf], [3e38, 3e38]], np.float32))
    assert repair(mono) == (2, 0.0)


def test_left_and_right_are_the_first_two_channels_or_the_only_one_twice():
    block = np.array([[0.1, 0.2, 0.9], [np.nan, 0.4, 0.9], [0.5, np.inf, 0.9]], np.float32)
    assert left_and_right(block).tolist() == np.array([[0.1, 0.2], [0, 0.4], [0.5, 0]], np.float32).tolist()
    assert left_and_right(block[:, 2:]).tolist() == np.full((3, 2), 0.9, np.float32).tolist()
    assert np.isnan(block[1, 0])  # what came is not changed
