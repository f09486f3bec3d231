"""Ten-second recordings to measure with: cut from a folder of real ones, or noise and tones."""

from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 44_100
SECONDS = 10
SOUNDS = (".wav", ".ogg", ".flac", ".mp3")


def make_clips(folder: Path, source: Path | None, count: int, suffix: str) -> None:
    """Writes the clips; no two are the same, since the store knows files by their content."""
    folder.mkdir()
    found = sorted(path for path in source.rglob("*") if path.suffix in SOUNDS) if source else []
    generator = np.random.default_rng(1)
    for number in range(count):
        if found:
            first, second = found[2 * number % len(found)], found[(2 * number + 1) % len(found)]
            samples = np.concatenate([read(first), read(second)])
        else:
            tone = np.sin(np.arange(SECONDS * RATE_HZ) * generator.uniform(0.01, 0.5))
            samples = 0.2 * tone + 0.1 * generator.standard_normal(SECONDS * RATE_HZ)
        samples = np.resize(samples, SECONDS * RATE_HZ)
        samples[0] = number / count
        soundfile.write(folder / f"sound_{number:04d}{suffix}", samples, RATE_HZ)


def read(path: Path) -> np.ndarray:
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1)
