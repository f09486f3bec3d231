"""Recordings in memory: every sample, any crop, and a limit."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from heterophony.errors import InputError, MediaError
from heterophony.media import Waveforms, read_waveforms


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    """1000 samples of 16 bits at 8 kHz: 0, 1, 2, ..."""
    soundfile.write(tmp_path / "ramp.wav", np.arange(1000, dtype=np.int16), 8000, subtype="PCM_16")
    return tmp_path / "ramp.wav"


def test_files_of_16_bits_are_kept_exactly(ramp: Path) -> None:
    kept = read_waveforms([ramp, ramp], 8000)
    assert len(kept) == 2
    np.testing.assert_array_equal(kept.whole(1), np.arange(1000, dtype=np.float32) / 32768)


def test_channels_are_averaged_and_full_scale_is_not_wrapped(tmp_path: Path) -> None:
    stereo = np.stack([np.ones(900), np.linspace(0.5, 1.0, 900)], axis=1)
    soundfile.write(tmp_path / "loud.wav", stereo.astype(np.float32), 8000, subtype="FLOAT")
    kept = read_waveforms([tmp_path / "loud.wav"], 8000)
    np.testing.assert_allclose(kept.whole(0), np.linspace(0.75, 1.0, 900), atol=2**-15)


@pytest.mark.parametrize(("share", "start"), [(0.0, 0), (0.5, 450), (0.9999, 900)])
def test_a_crop_starts_where_it_is_told_and_ends_within_the_recording(ramp: Path, share: float, start: int) -> None:
    crop = read_waveforms([ramp], 8000).crop(0, share, 100)
    np.testing.assert_array_equal(crop * 32768, np.arange(start, start + 100))


def test_uniform_draws_reach_every_start_equally_often() -> None:
    kept = Waveforms(8000, (np.arange(7, dtype=np.int16),))
    starts = [int(kept.crop(0, (n + 0.5) / 400, 4)[0] * 32768) for n in range(400)]
    assert np.bincount(starts).tolist() == [100, 100, 100, 100]


def test_what_is_shorter_is_followed_by_zeros(ramp: Path) -> None:
    crop = read_waveforms([ramp], 8000).crop(0, 0.7, 1200)
    np.testing.assert_array_equal(crop[:1000] * 32768, np.arange(1000))
    assert crop.shape == (1200,)
    assert not crop[1000:].any()


def test_too_much_is_refused_as_soon_as_it_is_too_much(ramp: Path) -> None:
    assert len(read_waveforms([ramp, ramp], 8000, most_bytes=4000)) == 2
    with pytest.raises(InputError, match=r"2 of 3 recordings already take more than 0\.00 GiB in memory at 8000 Hz"):
        read_waveforms([ramp] * 3, 8000, most_bytes=3999)


def test_a_recording_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"nothing")
    with pytest.raises(MediaError, match=r"no\.wav"):
        read_waveforms([tmp_path / "no.wav"], 8000)
