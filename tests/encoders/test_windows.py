"""Windows cover every sample, in one way only."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heterophony.encoders import cut
from heterophony.errors import ConfigError


def slow_windows(samples: np.ndarray, window: int, hop: int) -> np.ndarray:
    """The definition: starts 0, hop …; one more ending on the last sample; zeros after what is too short."""
    if not len(samples):
        return np.zeros((0, window), dtype=np.float32)
    if len(samples) < window:
        return np.pad(samples, (0, window - len(samples)))[None]
    starts = list(range(0, len(samples) - window + 1, hop))
    if starts[-1] + window < len(samples):
        starts.append(len(samples) - window)
    return np.stack([samples[start : start + window] for start in starts])


@given(
    length=st.integers(0, 200),
    window=st.integers(1, 20),
    hop=st.integers(1, 20),
    batch=st.integers(1, 5),
    cuts=st.lists(st.integers(0, 200), max_size=6),
)
def test_windows_are_those_of_the_definition_however_the_stream_is_divided(
    length: int, window: int, hop: int, batch: int, cuts: list[int]
) -> None:
    hop = min(hop, window)
    samples = np.arange(1, length + 1, dtype=np.float32)
    blocks = np.split(samples, sorted(min(at, length) for at in cuts))
    groups = list(cut(blocks, window, hop, batch))
    expected = slow_windows(samples, window, hop)
    np.testing.assert_array_equal(np.concatenate([np.zeros((0, window)), *groups]), expected)
    assert [len(group) for group in groups[:-1]] == [batch] * (len(groups) - 1)
    assert all(1 <= len(group) <= batch for group in groups)


def test_the_last_window_ends_on_the_last_sample() -> None:
    (group,) = cut([np.arange(10, dtype=np.float32)], 4, 4, 8)
    assert group.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [6, 7, 8, 9]]


def test_windows_that_fit_exactly_have_no_extra() -> None:
    (group,) = cut([np.arange(8, dtype=np.float32)], 4, 2, 8)
    assert group[:, 0].tolist() == [0, 2, 4]


def test_a_short_stream_is_followed_by_zeros() -> None:
    assert next(cut([np.ones(2, dtype=np.float32)], 4, 2, 8)).tolist() == [[1, 1, 0, 0]]


def test_an_endless_stream_is_cut_without_waiting_for_its_end() -> None:
    def endless():
        while True:
            yield np.ones(7, dtype=np.float32)

    groups = cut(endless(), 4, 2, 3)
    assert all(next(groups).shape == (3, 4) for _ in range(1000))


@pytest.mark.parametrize("hop", [0, 5])
def test_a_hop_that_leaves_samples_out_is_refused(hop: int) -> None:
    with pytest.raises(ConfigError, match="would leave samples out"):
        list(cut([np.ones(9, dtype=np.float32)], 4, hop, 1))


def test_two_channels_are_cut_together() -> None:
    samples = np.arange(20, dtype=np.float32).reshape(10, 2)
    groups = list(cut([samples[:3], samples[3:]], 4, 4, 2))
    assert [group.shape for group in groups] == [(2, 2, 4), (1, 2, 4)]
    np.testing.assert_array_equal(np.concatenate(groups), [samples[0:4].T, samples[4:8].T, samples[6:10].T])


@pytest.mark.parametrize(("length", "expected"), [(1, 3), (3, 3), (5, 5), (8, 8), (9, 8)])
def test_a_short_recording_keeps_its_length_where_the_encoder_takes_it(length: int, expected: int) -> None:
    (group,) = cut([np.ones(length, dtype=np.float32)], 8, 8, 4, shortest=3)
    assert group.shape[1] == expected
    assert group[0].sum() == min(length, 8)
    (stereo, *_) = cut([np.ones((length, 2), dtype=np.float32)], 8, 8, 4, shortest=3)
    assert stereo.shape[1:] == (2, expected)
