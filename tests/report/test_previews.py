import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from heterophony.report.previews import (
    BEYOND_BUDGET,
    OUTLINE,
    RATE_HZ,
    Preview,
    encode,
    first_samples,
    make_previews,
    outline,
    preview_of,
)


def tone(seconds: float, rate_hz: int = RATE_HZ, height: float = 0.5) -> np.ndarray:
    return (height * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def decoded(preview: Preview) -> np.ndarray:
    samples, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(preview.mp3)), dtype="float32")
    assert rate_hz == RATE_HZ
    return samples


def loudest_hz(samples: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))).argmax() * RATE_HZ / len(samples))


def test_a_preview_decodes_to_the_same_tone() -> None:
    samples = decoded(encode(tone(2)))
    assert samples.ndim == 1
    assert len(samples) == pytest.approx(2 * RATE_HZ, abs=3000)
    assert loudest_hz(samples) == pytest.approx(440, abs=2)
    assert np.sqrt(np.mean(samples[4000:20000] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_what_would_clip_is_turned_down() -> None:
    assert np.abs(decoded(encode(tone(1, height=3.0)))).max() <= 1.05


def test_a_stereo_file_of_another_rate_becomes_ten_seconds_of_mono(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    left = tone(14, 44_100)
    soundfile.write(path, np.stack([left, left], 1), 44_100)
    preview = preview_of(path)
    assert preview.missing == ""
    samples = decoded(preview)
    assert len(samples) / RATE_HZ == pytest.approx(10, abs=0.2)
    assert loudest_hz(samples) == pytest.approx(440, abs=1)
    assert len(preview.mp3) < 45_000


def test_only_as_many_blocks_are_drawn_as_are_needed() -> None:
    drawn = []

    def blocks() -> Iterator[np.ndarray]:
        for number in range(1000):
            drawn.append(number)
            yield np.full(100, number, np.float32)

    np.testing.assert_array_equal(first_samples(blocks(), 250), np.repeat([0, 1, 2], [100, 100, 50]))
    assert drawn == [0, 1, 2]
    assert len(first_samples([], 10)) == 0


def test_the_outline_follows_the_loudness() -> None:
    quiet_then_loud = np.concatenate([np.zeros(560), np.full(560, 0.5)]).astype(np.float32)
    assert outline(quiet_then_loud) == "0" * (OUTLINE // 2) + "z" * (OUTLINE // 2)
    assert outline(np.zeros(1000, np.float32)) == "0" * OUTLINE
    assert len(outline(np.ones(3, np.float32))) == OUTLINE


def test_what_cannot_be_decoded_has_no_preview_but_a_reason(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    (tmp_path / "empty.mp3").touch()
    for name in ("text.wav", "empty.mp3", "absent.ogg"):
        preview = preview_of(tmp_path / name)
        assert preview.mp3 == preview.outline == ""
        assert preview.missing.startswith("cannot be decoded:")
    assert preview_of(None).missing == "no recording"
    assert encode(np.zeros(0, np.float32)).missing == "no sound in it"


def test_the_first_sounds_fill_the_budget_and_the_others_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(1), RATE_HZ)
    size = len(preview_of(path).mp3)
    previews = make_previews([path, None, path, path, None], 2 * size + 10, workers=1)
    assert [bool(preview.mp3) for preview in previews] == [True, False, True, False, False]
    done: list[tuple[int, int]] = []
    make_previews([path] * 3, 0, workers=1, progress=lambda *counts: done.append(counts))
    assert done == [(3, 3)]
    assert previews[3] == BEYOND_BUDGET
    assert previews[1] == previews[4] == preview_of(None)
    assert make_previews([path] * 40, 0) == [BEYOND_BUDGET] * 40
