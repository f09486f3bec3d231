"""A long recording piece by piece is what its stretches are, wherever the reading began."""

import numpy as np
import pytest
import soundfile

from heterophony.errors import AbsentError, MediaError
from heterophony.media import Form, Limits, LongSound, SoundStreams

FORMS = (Form(16_000), Form(8_000, 2), Form(11_025, 2))
SECONDS = 10.3


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).uniform(-0.5, 0.5, (round(SECONDS * 11_025), 2)).astype(np.float32)


@pytest.fixture(params=["wav", "flac", "ogg", "mp3"])
def recording(request, tmp_path, noise):
    path = tmp_path / f"a.{request.param}"
    soundfile.write(path, noise, 11_025)
    return path


def alone(path, stretch):
    """The forms of a stretch that is decoded by itself."""
    found = [[] for _ in FORMS]
    for form, block in SoundStreams(path, FORMS, stretch=stretch):
        found[form].append(block)
    return [np.concatenate(blocks) for blocks in found]


def test_a_piece_is_its_stretch(recording):
    sound = LongSound(recording, FORMS, length=3, reach=2)
    pieces = list(sound)
    assert [(piece.number, piece.starts) for piece in pieces] == [(0, 0), (1, 2), (2, 5), (3, 8)]
    for piece in pieces:
        for ours, theirs in zip(piece.sounds, alone(recording, sound.stretch(piece.number)), strict=True):
            assert np.array_equal(ours, theirs)
    whole = SoundStreams(recording, FORMS[:1])
    assert list(whole)
    assert (sound.seconds, sound.note) == (whole.seconds, whole.note)


def test_pieces_do_not_depend_on_where_the_reading_began(recording):
    pieces = list(LongSound(recording, FORMS, length=3, reach=2))
    for first in (1, 3):
        sound = LongSound(recording, FORMS, length=3, reach=2, first=first)
        again = list(sound)
        assert [piece.number for piece in again] == list(range(first, 4))
        for ours, theirs in zip(again, pieces[first:], strict=True):
            assert ours.ended == theirs.ended
            assert all(np.array_equal(a, b) for a, b in zip(ours.sounds, theirs.sounds, strict=True))
        assert sound.seconds == pytest.approx(SECONDS, abs=0.2)


def test_the_end_of_the_recording_is_seen_from_every_piece_that_reaches_it(tmp_path, noise):
    soundfile.write(tmp_path / "a.wav", noise, 11_025, subtype="FLOAT")
    assert [p.ended for p in LongSound(tmp_path / "a.wav", FORMS, 3, 2)] == [False, False, True, True]
    assert [p.ended for p in LongSound(tmp_path / "a.wav", FORMS, 3, 0)] == [False, False, False, True]
    assert list(LongSound(tmp_path / "a.wav", FORMS, 3, 2, first=4)) == []


def test_a_piece_at_the_rate_of_the_recording_is_its_samples(tmp_path, noise):
    soundfile.write(tmp_path / "a.wav", noise, 11_025, subtype="FLOAT")
    for piece in LongSound(tmp_path / "a.wav", [Form(11_025, 2)], 4, 1):
        start = 11_025 * max(0, 4 * piece.number - 1)
        assert np.array_equal(piece.sounds[0], noise[start : 11_025 * (4 * piece.number + 5)])


def test_what_is_no_recording_is_refused_and_limits_hold(tmp_path, noise, video_file):
    soundfile.write(tmp_path / "short.wav", noise[:9], 11_025)
    with pytest.raises(MediaError, match=r"short\.wav: 9 samples are too short"):
        list(LongSound(tmp_path / "short.wav", FORMS, 3, 2))
    with pytest.raises(AbsentError, match="no sound in it"):
        list(LongSound(video_file(tmp_path / "mute.mp4"), FORMS, 3, 2))
    soundfile.write(tmp_path / "a.wav", noise, 11_025)
    sound = LongSound(tmp_path / "a.wav", FORMS, 3, 0, limits=Limits(max_seconds=4.0))
    assert [len(piece.sounds[0]) for piece in sound] == [48_000, 2 * 16_000]
    assert (sound.seconds, sound.note) == (4.0, "only the first 4 s read")
    assert list(LongSound(tmp_path / "a.wav", FORMS, 3, 0, first=2, limits=Limits(max_seconds=4.0))) == []
