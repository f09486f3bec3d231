import sys

import numpy as np
import pytest

from heterophony.augment.waveform import FRAME, fitted, librosa_effects, padded
from heterophony.errors import MissingExtraError


@pytest.mark.parametrize("length", [0, 1, 4, 5, 6, 17])
def test_what_is_too_short_is_repeated_and_what_is_too_long_is_cut(length):
    x = np.arange(10, dtype=np.float32).reshape(2, 5)
    expected = [[x[channel, i % 5] for i in range(length)] for channel in range(2)]
    assert fitted(x, length).tolist() == expected


def test_nothing_becomes_silence():
    assert fitted(np.zeros((2, 0), dtype=np.float32), 3).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_zeros_follow_what_is_shorter_than_a_frame():
    assert padded(np.ones((2, 3), dtype=np.float32)).sum() == 6
    assert padded(np.ones((2, 3), dtype=np.float32)).shape == (2, FRAME)
    assert padded(np.ones((1, FRAME + 1), dtype=np.float32)).shape == (1, FRAME + 1)


def test_without_librosa_the_command_that_installs_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "librosa.effects", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'heterophony\[augment\]'"):
        librosa_effects()
