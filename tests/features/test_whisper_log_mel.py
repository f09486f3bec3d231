"""Whisper's front end against that of transformers, a slow restatement and known signals."""

import numpy as np
import pytest

from heterophony.features import slaney_mel_filters, whisper_log_mel


def noise(samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.1, (1, samples)).astype(np.float32)


@pytest.mark.parametrize("samples", [1, 400, 77_777, 479_990, 480_000])
def test_bands_are_those_of_transformers(samples: int) -> None:
    pytest.importorskip("transformers")
    from heterophony.encoders.transformers_library import transformers_model

    extractor = transformers_model("whisper.feature_extraction_whisper").WhisperFeatureExtractor()
    waves = np.concatenate([noise(samples), 0.3 * np.sin(0.3 * np.arange(samples, dtype=np.float32))[None]])
    theirs = extractor([*waves], sampling_rate=16_000, return_tensors="np")["input_features"]
    np.testing.assert_allclose(whisper_log_mel(waves), theirs, atol=2e-4)


def test_a_frame_is_that_of_the_definition() -> None:
    wave = noise(480_000)
    mirrored = np.concatenate([wave[0, 200:0:-1], wave[0], wave[0, -2:-202:-1]]).astype(np.float64)
    filters = slaney_mel_filters(80, n_fft=400, rate_hz=16_000, low_hz=0.0, high_hz=8000.0).astype(np.float64)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    ours = whisper_log_mel(wave)[0]
    loudest = 4 * ours.max() - 4  # decades
    for frame in (0, 1, 1234, 2999):
        power = np.abs(np.fft.rfft(mirrored[160 * frame : 160 * frame + 400] * hann)) ** 2
        bands = np.maximum(np.log10(np.maximum(power @ filters, 1e-10)), loudest - 8)
        np.testing.assert_allclose(ours[:, frame], (bands + 4) / 4, atol=1e-4)


def test_silence_is_ten_decades_down_everywhere() -> None:
    np.testing.assert_allclose(whisper_log_mel(np.zeros((1, 16_000), dtype=np.float32)), (-10 + 4) / 4, atol=1e-6)


def test_nothing_is_more_than_eight_decades_below_the_loudest_band() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(160_000, dtype=np.float32) / 16_000)[None].astype(np.float32)
    bands = whisper_log_mel(tone)
    assert bands.max() - bands.min() == pytest.approx(8 / 4, abs=1e-6)


def test_a_window_has_the_same_bytes_alone_and_in_a_batch() -> None:
    both = np.concatenate([noise(16_000), noise(16_000, seed=1)])
    together = whisper_log_mel(both)
    alone = np.concatenate([whisper_log_mel(both[:1]), whisper_log_mel(both[1:])])
    assert alone.tobytes() == together.tobytes()
