"""Windows of a long sound, minute by minute, beside those of the same sound as one clip."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import soundfile

from heterophony.encoders import Cutter, Fingerprint, loudness
from heterophony.media import LongSound
from heterophony.recipes import scene_sound
from heterophony.recipes.scene_sound import forms_of, longest_window, sound_minutes
from heterophony.store.encoder_specs import EncoderSpec

RATE = 1000


@dataclass(frozen=True)
class Hearing:
    """An encoder that says what the first and the last sample are, and how many windows it was given at once."""

    window: int = 500
    hop: int = 200
    shortest: int = 300
    channels: int = 1
    rate_hz: int = RATE
    batch: int = 4
    dim: int = 2
    name: str = "hearing"
    modality: str = "sound"
    pooling: str = "mean"
    fingerprint: object = None
    groups: list[int] = field(default_factory=list)

    def encode(self, windows):
        self.groups.append(len(windows))
        return windows.reshape(len(windows), -1)[:, [0, -1]].astype(np.float32)


@pytest.fixture
def encoder(monkeypatch):
    """Makes the encoder that `part` names, and minutes of four seconds."""

    def make(**changes):
        made = replace(Hearing(), groups=[], **changes)
        monkeypatch.setattr(scene_sound, "loaded", lambda _name: made)
        monkeypatch.setattr(scene_sound, "MINUTE_S", 4)
        return made

    return make


PRINT = Fingerprint(encoder="hearing", version="1", modality="sound", weights_sha256="")
PART = EncoderSpec("sound", "hearing", "mean", PRINT)


def minutes(path, first=0, every=1.0, begins=0.0):
    sound = LongSound(path, forms_of([PART]), 4, int(np.ceil(longest_window([PART]))) + 1, first)
    return list(sound_minutes(sound, [PART], every, begins))


def record(path, seconds, channels=1):
    """Samples that tell their place: n / 2^20."""
    samples = np.arange(round(seconds * RATE)) / 2**20
    soundfile.write(path, np.stack([samples] * channels, axis=1), RATE, subtype="FLOAT")
    return path


@pytest.mark.parametrize("seconds", [10.0, 8.0, 8.1, 11.95, 4.05, 0.5, 0.35, 0.2, 3.9, 4.45])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_windows_are_those_of_a_clip(encoder, tmp_path, seconds, channels):
    hearing = encoder(channels=channels)
    path = record(tmp_path / "a.wav", seconds, channels)
    found = minutes(path)
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    cutter = Cutter(hearing.window, hearing.hop, hearing.batch, hearing.shortest)
    samples = samples if channels == 2 else samples[:, 0]
    groups = [*cutter.push(samples), *cutter.rest()]
    expected = np.concatenate([group.reshape(len(group), -1)[:, [0, -1]] for group in groups])
    vectors = np.concatenate([minute.windows[PART.key].vectors for minute in found])
    assert np.array_equal(vectors, expected)
    loud = np.concatenate([minute.windows[PART.key].steps for minute in found])
    assert np.array_equal(loud, np.concatenate([loudness(group) for group in groups]))
    assert found[-1].ends == pytest.approx(seconds)


def test_times_are_on_the_clock_of_the_track(encoder, tmp_path):
    encoder()
    one, two = minutes(record(tmp_path / "a.wav", 5.15), begins=2.5)
    assert one.windows[PART.key].starts == pytest.approx(2.5 + 0.2 * np.arange(20))
    assert two.windows[PART.key].starts == pytest.approx([2.5 + 4.0, 2.5 + 4.2, 2.5 + 4.4, 2.5 + 4.6, 2.5 + 4.65])
    assert (two.windows[PART.key].ends - two.windows[PART.key].starts) == pytest.approx([0.5] * 5)
    assert (one.ends, two.ends) == (pytest.approx(7.65), pytest.approx(7.65)), "it reaches two more seconds"


def test_closer_steps_have_closer_windows_and_each_is_encoded_once(encoder, tmp_path):
    hearing = encoder(hop=500)
    found = minutes(record(tmp_path / "a.wav", 8.0), every=0.25)
    starts = np.concatenate([minute.windows[PART.key].starts for minute in found])
    assert starts == pytest.approx(0.25 * np.arange(31))
    assert (sum(hearing.groups), max(hearing.groups)) == (31, 4)


def test_minutes_do_not_depend_on_the_first(encoder, tmp_path):
    encoder()
    path = record(tmp_path / "a.wav", 10.3)
    whole, later = minutes(path), minutes(path, first=1)
    assert [minute.number for minute in later] == [1, 2]
    for ours, theirs in zip(later, whole[1:], strict=True):
        assert np.array_equal(ours.windows[PART.key].vectors, theirs.windows[PART.key].vectors)
        assert ours.ends == theirs.ends


def test_a_short_recording_ends_with_its_samples(encoder, tmp_path):
    encoder()
    (only,) = minutes(record(tmp_path / "a.wav", 0.2))
    assert only.windows[PART.key].ends.tolist() == [0.2]
