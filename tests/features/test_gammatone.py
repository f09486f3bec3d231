"""Gammatone maps, against the recursion of the definition, the toolbox's Python port, and by hand."""

import numpy as np
import pytest
from scipy.signal import hilbert, lfilter

from heterophony.features import erb_centres, gammatone_map, gammatone_response
from heterophony.features.gammatone import FLOOR, FRAME, HOP, band_levels

RATE = 44_100
WINDOW = 44_982


def noise(n=1, samples=WINDOW, seed=0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (n, 2, samples)).astype(np.float32)


def impulse_response(hz, samples=WINDOW):
    """From the frequency response; long enough for it to die away."""
    return np.fft.irfft(gammatone_response(hz, np.arange(samples // 2 + 1) / samples), samples)


def tone(hz, samples=WINDOW):
    return 0.3 * np.sin(2 * np.pi * hz * np.arange(samples) / RATE)


def recursion(hz, x):
    """Slaney's four sections, sample by sample."""
    width = 1.019 * 2 * np.pi * (hz / 9.26449 + 24.7)
    decay, angle = np.exp(-width / RATE), 2 * np.pi * hz / RATE
    poles = [1, -2 * np.cos(angle) * decay, decay**2]
    at_centre = np.exp(-1j * angle)
    gain = 1.0
    for sign in (1, -1):
        for inner in (1, -1):
            zero = decay * (np.cos(angle) + sign * np.sqrt(3 + inner * 2**1.5) * np.sin(angle))
            x = lfilter([1, -zero], poles, x)
            gain *= abs((1 - zero * at_centre) / np.polyval(poles[::-1], at_centre))
    return x / gain


def restated(pair):
    """Root mean squares, window by window."""
    out = []
    for channel in (pair[0], pair[1], pair[0] - pair[1]):
        bands = [recursion(hz, channel) for hz in erb_centres()]
        starts = range(0, len(channel) - FRAME + 1, HOP)
        out.append([[np.sqrt(np.mean(band[start : start + FRAME] ** 2)) for start in starts] for band in bands])
    return np.array(out)


@pytest.mark.parametrize("samples", [FRAME, 9000])
def test_levels_are_those_of_the_recursion(samples):
    pair = noise(1, samples)[0].astype(float)
    np.testing.assert_allclose(band_levels(pair), restated(pair), rtol=1e-9, atol=1e-12)


def test_a_map_is_that_of_the_toolbox():
    gtgram = pytest.importorskip("gammatone.gtgram").gtgram
    window = noise()[0]
    window[1] = 0.2 * window[1] + tone(500)
    scaled = window.astype(float) / (window.max() - window.min())
    levels = np.stack([gtgram(x, RATE, 0.04, 0.02, 64, 0)[::-1] for x in (scaled[0], scaled[1], scaled[0] - scaled[1])])
    assert levels.min() > FLOOR
    decibels = 20 * np.log10(levels)
    expected = 2 * (decibels - decibels.min()) / np.ptp(decibels) - 1
    np.testing.assert_allclose(gammatone_map(window[None])[0], expected, atol=1e-6)


@pytest.mark.parametrize(("samples", "columns"), [(WINDOW, 50), (FRAME, 1), (FRAME + HOP - 1, 1), (8820, 9)])
def test_columns_are_the_whole_windows(samples, columns):
    pair = np.zeros((2, samples))
    pair[:, -1] = 1
    assert band_levels(pair).shape == (3, 64, columns)


def test_centres_go_down_to_zero_by_equal_steps_of_bandwidth():
    centres = erb_centres()
    assert len(centres) == 64
    assert (np.diff(centres) < 0).all()
    assert abs(centres[-1]) < 1e-9
    bands = 9.26449 * np.log(1 + np.append(RATE / 2, centres) / (9.26449 * 24.7))  # widths passed since 0 Hz
    np.testing.assert_allclose(np.diff(bands), -bands[0] / 64, rtol=1e-9)
    np.testing.assert_allclose(erb_centres(10, low_hz=100.0, high_hz=8000.0)[-1], 100.0)


@pytest.mark.parametrize("band", [5, 30, 45, 58])
def test_a_tone_at_a_centre_is_loudest_in_its_band_and_as_loud_as_it_is(band):
    pair = np.stack([tone(erb_centres()[band]), np.zeros(WINDOW)])
    levels = band_levels(pair)[0]
    assert (levels[:, 10:].argmax(axis=0) == band).all()
    np.testing.assert_allclose(levels[band, 10:], 0.3 / np.sqrt(2), rtol=0.04)  # 40 ms are not whole periods


@pytest.mark.parametrize("hz", [150.0, 440.0, 3000.0])
def test_the_impulse_response_rings_as_a_gammatone(hz):
    samples = np.arange(WINDOW) / RATE
    width = 2 * np.pi * 1.019 * (hz / 9.26449 + 24.7)
    envelope = samples**3 * np.exp(-width * samples)
    ringing = np.abs(hilbert(impulse_response(hz)))
    assert envelope @ ringing / np.linalg.norm(envelope) / np.linalg.norm(ringing) > 0.998
    ideal = np.abs(np.fft.rfft(envelope * np.cos(2 * np.pi * hz * samples)))
    response = np.abs(gammatone_response(hz, np.arange(WINDOW // 2 + 1) / WINDOW))
    near = ideal > 0.01 * ideal.max()
    np.testing.assert_allclose(response[near], ideal[near] / ideal.max(), atol=0.02)


def test_the_response_is_one_at_the_centre_and_half_the_power_half_a_width_away():
    hz = 2000.0
    width = hz / 9.26449 + 24.7
    assert abs(abs(gammatone_response(hz, np.array([hz / RATE]))[0]) - 1) < 1e-12
    power = np.abs(gammatone_response(hz, np.arange(RATE) / RATE / 2)) ** 2
    assert abs(power.sum() / 2 / width - 1) < 0.03  # the rectangle of the same area is as wide as the ear's


def test_each_window_by_itself_and_loudness_does_not_matter():
    windows = noise(3)
    together = gammatone_map(windows)
    assert all(np.array_equal(together[i], gammatone_map(windows[i : i + 1])[0]) for i in range(3))
    np.testing.assert_allclose(gammatone_map(0.01 * windows[:1]), together[:1], atol=1e-5)
    assert (together.shape, together.dtype) == ((3, 3, 64, 50), np.float32)
    assert (together.min(), together.max()) == (-1, 1)


def test_the_highest_band_comes_first():
    windows = np.stack([np.stack([tone(15_000), tone(100)])]).astype(np.float32)
    left, right, _ = gammatone_map(windows)[0].mean(axis=2)
    assert (left.argmax() < 6, right.argmax() > 50) == (True, True)


def test_equal_channels_and_silence_are_at_the_floor():
    same = noise()
    same[0, 1] = same[0, 0]
    found = gammatone_map(same)[0]
    assert (found[2] == -1).all()
    assert found[:2, :, 5:].min() > 0
    assert (gammatone_map(np.zeros((1, 2, WINDOW), np.float32)) == -1).all()
    assert np.isfinite(gammatone_map(np.full((1, 2, WINDOW), 0.5, np.float32))).all()
