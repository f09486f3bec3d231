"""CLAP's front end against that of transformers, a slow restatement and known signals."""

from typing import Any

import numpy as np
import pytest

from heterophony.features import clap_log_mel, mel_filters, slaney_mel_filters
from heterophony.features.clap_log_mel import repeated


def noise(samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.1, (1, samples)).astype(np.float32)


def extractor(*, fused: bool) -> Any:
    """As the hub configures it."""
    pytest.importorskip("transformers")
    from heterophony.encoders.transformers_library import transformers_model

    return transformers_model("clap.feature_extraction_clap").ClapFeatureExtractor(
        frequency_min=50, frequency_max=14_000, truncation="fusion" if fused else "rand_trunc", padding="repeatpad"
    )


@pytest.mark.parametrize("samples", [1, 480, 77_777, 240_000, 240_001, 479_999, 480_000])
@pytest.mark.parametrize("fused", [True, False])
def test_bands_are_those_of_transformers(samples: int, fused: bool) -> None:
    theirs = extractor(fused=fused)([noise(samples)[0]], sampling_rate=48_000, return_tensors="np")["input_features"]
    assert theirs.shape == (1, 4 if fused else 1, 1001, 64)
    for channel in theirs[0]:  # of a recording up to 10 s the fused model is shown the same bands four times
        np.testing.assert_allclose(clap_log_mel(noise(samples), fused=fused)[0], channel, atol=1e-3)


def test_a_tone_is_that_of_transformers_down_to_the_rounding_of_float32() -> None:
    tone = (0.3 * np.sin(0.3 * np.arange(480_000)))[None].astype(np.float32)
    theirs = extractor(fused=True)(tone, sampling_rate=48_000, return_tensors="np")["input_features"][0, 0]
    ours = clap_log_mel(tone, fused=True)[0]
    loud = theirs > theirs.max() - 80
    assert loud.mean() > 0.1
    np.testing.assert_allclose(ours[loud], theirs[loud], atol=0.02)
    np.testing.assert_allclose(ours[~loud], theirs[~loud], atol=2.0)


@pytest.mark.parametrize("fused", [True, False])
def test_a_frame_is_that_of_the_definition(fused: bool) -> None:
    wave = noise(480_000)[0].astype(np.float64)
    mirrored = np.concatenate([wave[512:0:-1], wave, wave[-2:-514:-1]])
    filters = (mel_filters if fused else slaney_mel_filters)(
        64, n_fft=1024, rate_hz=48_000, low_hz=50.0, high_hz=14_000.0
    ).astype(np.float64)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    ours = clap_log_mel(noise(480_000), fused=fused)[0]
    for frame in (0, 1, 500, 1000):
        power = np.abs(np.fft.rfft(mirrored[480 * frame : 480 * frame + 1024] * hann)) ** 2
        np.testing.assert_allclose(ours[frame], 10 * np.log10(power @ filters), atol=1e-3)


def test_what_is_short_is_repeated_as_often_as_it_fits_then_followed_by_zeros() -> None:
    ramp = np.arange(1, 200_001, dtype=np.float32)[None]
    long = repeated(ramp)[0]
    np.testing.assert_array_equal(long[:400_000], np.tile(ramp[0], 2))
    assert not long[400_000:].any()
    np.testing.assert_array_equal(repeated(np.ones((2, 480_000), dtype=np.float32)), 1.0)


@pytest.mark.parametrize("fused", [True, False])
def test_silence_is_a_hundred_decibels_down_everywhere(fused: bool) -> None:
    np.testing.assert_allclose(clap_log_mel(np.zeros((1, 480), dtype=np.float32), fused=fused), -100, atol=1e-4)


@pytest.mark.parametrize("fused", [True, False])
def test_a_window_has_the_same_bytes_alone_and_in_a_batch(fused: bool) -> None:
    both = np.concatenate([noise(48_000), noise(48_000, seed=1)])
    together = clap_log_mel(both, fused=fused)
    alone = np.concatenate([clap_log_mel(both[:1], fused=fused), clap_log_mel(both[1:], fused=fused)])
    assert alone.tobytes() == together.tobytes()
