"""What can be wrong with the tables of TAU Urban Audio-Visual Scenes 2021 (audio_visual.md D.1), one sentence each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from heterophony.clips.records import Record
from heterophony.clips.tau_name import parse_tau_name
from heterophony.taxonomy import TAU

FILES = ("filename_audio", "filename_video")
SIZES = {"train": (8646, 305), "test": (3645, 126)}
"""Clips and places of the two parts, as published."""

Tables = Mapping[str, Sequence[Record]]


def faults_of(tables: Tables) -> Iterator[str]:
    """Everything that is wrong with them.

    Args:
        tables: The rows of "train" (none: a set for evaluation), "test", "evaluate" and "meta"; none of a table that
            is not there.
    """
    for records in tables.values():
        for record in records:
            yield from _faults_of_row(record, development=bool(tables["train"]))
    yield from _in_both(tables)
    yield from _of_other_clips(tables)
    if len(tables["meta"]) == sum(clips for clips, _ in SIZES.values()):
        yield from _wrong_sizes(tables)


def _faults_of_row(record: Record, *, development: bool) -> Iterator[str]:
    sound, video = (record.cells[name] for name in FILES)
    name, seen = parse_tau_name(sound), parse_tau_name(video)
    label = record.cells.get("scene_label", "")
    if label and label not in TAU.classes:
        yield f"{record.where}: {label!r} is none of the scenes {', '.join(TAU.classes)}"
    if name is None:
        if development:
            yield f"{record.where}: {sound!r} is no <scene>-<city>-<location>-<clip>"
        return
    if seen != name:
        yield f"{record.where}: {sound!r} and {video!r} are not of one clip"
    if name.scene not in TAU.classes:
        yield f"{record.where}: {name.scene!r} of {sound!r} is none of the scenes {', '.join(TAU.classes)}"
    elif label in TAU.classes and label != name.scene:
        yield f"{record.where}: {sound!r} has the label {label!r}"
    place = record.cells.get("identifier", "")
    if place and place != name.place:
        yield f"{record.where}: {sound!r} has the identifier {place!r}, not {name.place!r}"


def _in_both(tables: Tables) -> Iterator[str]:
    """Clips and places that train and test share, and places of two scenes."""
    clips = {part: {record.cells[FILES[0]] for record in tables[part]} for part in SIZES}
    for sound in sorted(clips["train"] & clips["test"]):
        yield f"{sound!r} is in train and in test"
    parts, scenes = defaultdict(set), defaultdict(set)
    for part in SIZES:
        for name in filter(None, map(parse_tau_name, clips[part])):
            parts[name.place].add(part)
            scenes[name.place].add(name.scene)
    for place in sorted(parts):
        if len(parts[place]) > 1:
            yield f"the place {place} is in train and in test"
        if len(scenes[place]) > 1:
            yield f"the place {place} is of several scenes: {', '.join(sorted(scenes[place]))}"


def _of_other_clips(tables: Tables) -> Iterator[str]:
    """Clips of test that `evaluate` does not have, and the other way round."""
    asked, known = ({record.cells[FILES[0]] for record in tables[name]} for name in ("test", "evaluate"))
    if known and asked:
        yield from (f"{sound!r} is in fold1_test.csv and not in fold1_evaluate.csv" for sound in sorted(asked - known))
        yield from (f"{sound!r} is in fold1_evaluate.csv and not in fold1_test.csv" for sound in sorted(known - asked))


def _wrong_sizes(tables: Tables) -> Iterator[str]:
    for part, (clips, places) in SIZES.items():
        names = [parse_tau_name(record.cells[FILES[0]]) for record in tables[part]]
        found = (len(names), len({name.place for name in names if name}))
        if names and found != (clips, places):
            yield f"fold1_{part}.csv: {found[0]} clips of {found[1]} places; published are {clips} of {places}"
