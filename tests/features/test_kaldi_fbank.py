"""Kaldi's filter bank against torchaudio's, a slow restatement and known signals."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from heterophony.features import kaldi_fbank, kaldi_mel_filters


@pytest.fixture
def signals() -> np.ndarray:
    noise = np.random.default_rng(5).normal(0.1, 0.1, (3, 4000)) * 32768
    return noise.astype(np.float32)


@pytest.fixture
def torchaudio_kaldi(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The one file of torchaudio that is wanted, which is plain torch: the rest of it needs a library of its own."""
    found = importlib.util.find_spec("torchaudio")
    if found is None or found.origin is None:
        pytest.skip("torchaudio is not installed")
    monkeypatch.setitem(sys.modules, "torchaudio", ModuleType("torchaudio"))
    path = Path(found.origin).parent / "compliance" / "kaldi.py"
    spec = importlib.util.spec_from_file_location("torchaudio_kaldi", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_bands_are_those_of_torchaudio(signals: np.ndarray, torchaudio_kaldi: ModuleType) -> None:
    ours = kaldi_fbank(signals, 128)
    for row, signal in enumerate(signals):
        theirs = torchaudio_kaldi.fbank(torch.from_numpy(signal[None]).double(), num_mel_bins=128, dither=0.0)
        assert theirs.shape == (23, 128)
        np.testing.assert_allclose(ours[row], theirs.numpy(), atol=5e-4)


def test_bands_are_those_of_the_definition_sample_by_sample(signals: np.ndarray) -> None:
    filters = kaldi_mel_filters(40, n_fft=512, rate_hz=16000, low_hz=20.0, high_hz=8000.0).astype(np.float64)
    for frame in (0, 11, 22):
        cut = signals[1].astype(np.float64)[160 * frame : 160 * frame + 400]
        cut = cut - cut.mean()
        shaped = np.zeros(512)
        for at in range(400):
            window = (0.5 - 0.5 * np.cos(2 * np.pi * at / 399)) ** 0.85
            shaped[at] = (cut[at] - 0.97 * cut[max(at - 1, 0)]) * window
        wanted = np.log(np.abs(np.fft.rfft(shaped)) ** 2 @ filters)
        np.testing.assert_allclose(kaldi_fbank(signals, 40)[1, frame], wanted, atol=2e-4)


def test_silence_and_any_constant_are_the_floor() -> None:
    for level in (0.0, 1000.0):
        bands = kaldi_fbank(np.full((1, 1000), level, dtype=np.float32), 128)
        np.testing.assert_allclose(bands, np.log(np.finfo(np.float32).eps), rtol=1e-6)


def test_twice_as_loud_adds_the_logarithm_of_four(signals: np.ndarray) -> None:
    np.testing.assert_allclose(kaldi_fbank(2 * signals, 64) - kaldi_fbank(signals, 64), np.log(4.0), atol=1e-4)


@pytest.mark.parametrize(("samples", "frames"), [(400, 1), (559, 1), (560, 2), (2800, 16), (480_000, 2998)])
def test_only_whole_frames_count(samples: int, frames: int) -> None:
    assert kaldi_fbank(np.zeros((1, samples), dtype=np.float32), 8).shape == (1, frames, 8)
