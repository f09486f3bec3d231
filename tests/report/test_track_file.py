"""Files of tracks, read again."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from heterophony.errors import ConfigError
from heterophony.report.track import Steps, Track
from heterophony.report.track_file import write_track

SETTINGS = {"model": "m", "every": 1.5}
# W3C WebVTT, section 4.1: a cue's timings, then its text, which holds neither "-->" nor a blank line.
TIME = r"(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}"
CUE = rf"{TIME} --> {TIME}\n(?:(?!.*-->)[^<>\n]+\n)+"


@pytest.fixture
def track():
    said = np.array([[0.9, 0.1], [0.8, 0.2], [np.nan, np.nan], [0.25, 0.75]])
    present = np.array([[1, 1], [1, 0], [0, 0], [0, 1]], np.bool_)
    steps = Steps(
        edges=np.array([3598.5, 3600.0, 3601.5, 3603.0, 3604.25]),
        classes=("=bus", "tram"),
        names=("bus & <b>", "tram --> north"),
        modalities=("sound", "pictures"),
        probabilities=said,
        present=present,
    )
    return Track.of("vidéo.mp4", steps, every=1.5, smoothed=0.0, shortest=0.0)


def test_csv(track, tmp_path):
    write_track(track, tmp_path / "a.csv", SETTINGS)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["start", "end", "label", "probability", "modalities"]
    assert rows == [
        ["3598.500", "3601.500", "'=bus", "0.850000", "sound+pictures"],
        ["3603.000", "3604.250", "tram", "0.750000", "pictures"],
    ]


def test_json(track, tmp_path):
    write_track(track, tmp_path / "a.json", SETTINGS)
    said = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert list(said) == ["file", "model", "every", "seconds", "classes", "modalities", "segments", "steps"]
    assert (said["file"], said["model"], said["seconds"]) == ("vidéo.mp4", "m", 3604.25)
    assert said["classes"] == ["=bus", "tram"]
    first = {"start": 3598.5, "end": 3601.5, "label": "=bus", "probability": 0.85, "modalities": ["sound", "pictures"]}
    assert said["segments"][0] == first
    assert [step["probabilities"] for step in said["steps"]] == [[0.9, 0.1], [0.8, 0.2], None, [0.25, 0.75]]
    assert [step["modalities"] for step in said["steps"]] == [["sound", "pictures"], ["sound"], [], ["pictures"]]
    assert said["steps"][-1]["end"] == 3604.25


def test_webvtt_is_valid_and_readable(track, tmp_path):
    write_track(track, tmp_path / "a.vtt", SETTINGS)
    text = (tmp_path / "a.vtt").read_text(encoding="utf-8")
    head, *cues = text.split("\n\n")
    assert head == "WEBVTT"
    assert all(re.fullmatch(CUE, cue.rstrip("\n") + "\n") for cue in cues)
    assert cues[0] == "00:59:58.500 --> 01:00:01.500\nbus &amp; &lt;b&gt; 0.85"
    assert cues[1] == "01:00:03.000 --> 01:00:04.250\ntram --&gt; north 0.75\n"


@pytest.mark.parametrize("suffix", ["csv", "json", "vtt"])
def test_a_track_without_segments_is_a_file_too(track, tmp_path, suffix):
    nothing = replace(track, segments=())
    write_track(nothing, tmp_path / f"a.{suffix}", SETTINGS)
    text = (tmp_path / f"a.{suffix}").read_text()
    assert text.startswith({"csv": "start,end", "json": "{", "vtt": "WEBVTT\n"}[suffix])
    if suffix == "json":
        assert json.loads(text)["segments"] == []


def test_other_suffixes_are_refused_and_what_is_there_stays(track, tmp_path):
    with pytest.raises(ConfigError, match=r"a\.srt: tracks cannot be written as '\.srt'; use \.csv, \.json, \.vtt"):
        write_track(track, tmp_path / "a.srt", SETTINGS)
    assert list(tmp_path.iterdir()) == []
