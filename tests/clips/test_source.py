"""What two names of one recording have in common."""

import pytest

from heterophony.clips import Clip
from heterophony.clips.source import source_in, source_of


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("1-100032-A-0.wav", "100032"),
        ("audio/3-100032-B.ogg", "100032"),
        ("a\\100032__nfrae__rose_bark.WAV", "100032"),
        ("100032", "100032"),
        ("100032.wav", "100032"),
        ("dog/1.wav", "dog/1"),
        ("cat/1.wav", "cat/1"),
        ("v1.2", "v1.2"),
        ("-1LrH01Ei1w", "-1LrH01Ei1w"),
        ("1-2-3", "1-2-3"),
        (".wav", ".wav"),
        ("", ""),
    ],
)
def test_the_recording_in_a_name(name: str, source: str) -> None:
    assert source_in(name) == source


def test_the_column_counts_before_the_name() -> None:
    assert source_of(Clip(id="take_A.wav", columns={"freesound_id": " 77 "})) == "77"
    assert source_of(Clip(id="take_A.wav", columns={"freesound_id": ""})) == "take_A"
