"""A track as a file: CSV for spreadsheets, JSON for programs, WebVTT for players."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from heterophony.errors import ConfigError
from heterophony.report.results_file import neutral, printable
from heterophony.report.track import Track

COLUMNS = ("start", "end", "label", "probability", "modalities")
Settings = Mapping[str, str | float]


def write_track(track: Track, path: Path, settings: Settings) -> None:
    """Writes a track in the format that the suffix names, whole or not at all.

    CSV: one row per segment, `start, end, label, probability, modalities` (joined by "+"). JSON: the settings, the
    classes, the segments, and every step with its probabilities as the model said them, not smoothed, in the order of
    the classes; null where nothing was there. WebVTT: one cue per segment, its readable name and "0.93". Times are in
    seconds with three decimals (WebVTT: hours, minutes, seconds), probabilities have six (WebVTT: two).

    Args:
        track: Of one recording.
        path: .csv, .json or .vtt.
        settings: How it was made; JSON has them.

    Raises:
        ConfigError: The suffix is another one.
    """
    written = "".join(writer_of(path)(track, settings))
    part = path.with_name(f"{path.name}.writing")
    part.write_text(written, encoding="utf-8", newline="")
    part.replace(path)


def writer_of(path: Path) -> Callable[[Track, Settings], Iterator[str]]:
    """What writes files of this suffix.

    Raises:
        ConfigError: Nothing does.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ConfigError(f"{path}: tracks cannot be written as {path.suffix!r}; use {', '.join(SUFFIXES)}")
    return writer


def _csv(track: Track, _settings: Settings) -> Iterator[str]:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in track.segments:
        times = (f"{one.start:.3f}", f"{one.end:.3f}")
        writer.writerow((*times, neutral(one.label), neutral(one.probability), "+".join(one.modalities)))
    yield lines.getvalue()


def _json(track: Track, settings: Settings) -> Iterator[str]:
    steps = track.steps
    head = {"file": printable(track.file_name), **settings, "seconds": _time(steps.edges[-1])}
    for key, value in {**head, "classes": steps.classes, "modalities": steps.modalities}.items():
        yield f"{',' if key != 'file' else '{'}\n{_plain(key)}: {_plain(value)}"
    yield ',\n"segments": ['
    for number, one in enumerate(track.segments):
        said = {"label": one.label, "probability": round(one.probability, 6), "modalities": one.modalities}
        yield _line(number, {"start": _time(one.start), "end": _time(one.end), **said})
    yield '\n],\n"steps": ['
    for number, row in enumerate(steps.probabilities):
        there = steps.modalities_of(number, number + 1)
        times = {"start": _time(steps.edges[number]), "end": _time(steps.edges[number + 1])}
        said = {"modalities": there, "probabilities": [round(float(p), 6) for p in row] if there else None}
        yield _line(number, {**times, **said})
    yield "\n]\n}\n"


def _line(number: int, content: Mapping[str, object]) -> str:
    return f"{',' if number else ''}\n{_plain(content)}"


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _time(seconds: float) -> float:
    return round(float(seconds), 3)


def _vtt(track: Track, _settings: Settings) -> Iterator[str]:
    """W3C, "WebVTT: The Web Video Text Tracks Format", section 4."""
    yield "WEBVTT\n"
    for one in track.segments:
        name = " ".join(one.name.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        yield f"\n{_clock(one.start)} --> {_clock(one.end)}\n{name} {one.probability:.2f}\n"


def _clock(seconds: float) -> str:
    """Hours, minutes, seconds and thousandths.

    >>> _clock(3725.5)
    '01:02:05.500'
    """
    whole, thousandths = divmod(round(1000 * seconds), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{thousandths:03d}"


_WRITERS: dict[str, Callable[[Track, Settings], Iterator[str]]] = {".csv": _csv, ".json": _json, ".vtt": _vtt}
SUFFIXES = tuple(_WRITERS)
"""What a file of a track may end in."""
