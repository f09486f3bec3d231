"""TAU Urban Audio-Visual Scenes 2021 as it comes: ten-second clips of ten scenes, sound and pictures in two files.

Source: S. Wang, A. Mesaros, T. Heittola, T. Virtanen, "A Curated Dataset of Urban Scenes for Audio-Visual Scene
Analysis", ICASSP 2021; Zenodo 4477542 (development) and 4767103 (evaluation). Layout by audio_visual.md D.1: tables
separated by tabs with the line ends of any system, `evaluation_setup/fold1_{train,test,evaluate}.csv` (filename_audio,
filename_video and, but for test, scene_label), `meta.csv` (also identifier), `audio/*.wav`, `video/*.mp4`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from heterophony.clips.clip import Clip
from heterophony.clips.found import Found, files_in
from heterophony.clips.records import Record, read_records
from heterophony.clips.tau_faults import FILES, faults_of
from heterophony.clips.tau_name import parse_tau_name
from heterophony.errors import InputError
from heterophony.taxonomy import TAU

NAME = "TAU Urban Audio-Visual Scenes 2021"
_TABLES = {
    "train": ("evaluation_setup/fold1_train.csv", (*FILES, "scene_label")),
    "test": ("evaluation_setup/fold1_test.csv", FILES),
    "evaluate": ("evaluation_setup/fold1_evaluate.csv", (*FILES, "scene_label")),
    "meta": ("meta.csv", (*FILES, "scene_label", "identifier")),
}
_MOST = 20  # faults that are told


def read_tau(folder: Path) -> Found:
    """Read the development set, or a part of it, or the evaluation set: train first, then test, in the tables' order.

    The id is the name of the sound file without suffix, the group the place (city and location, as in `meta.csv`),
    `fold` "train" or "test", `label` the scene and `label_top` its kind of place (`TAU`). The scene is that of the
    name, which the tables must agree with. A set without `fold1_train.csv` is one for evaluation: its names may say
    nothing; such a clip has no group, and no label unless a table has it. Where a clip has only one of its files, that
    one is `path`; what is missing is in `Found.lacking`. `Clip.columns` has `source` and, where it is known, `city`.

    A copy may hold fewer clips, or the training part alone (no `fold1_test.csv`; then split it by group). Where
    `meta.csv` lists as many as were published, the parts that are there must have their sizes.

    Args:
        folder: Where the archives were unpacked: the folder with `evaluation_setup`.

    Raises:
        InputError: A table is missing or lacks a column, names cannot be parsed, scenes are none, the two files of a
            row differ, tables contradict each other, a clip or a place is in both parts, or sizes are not those
            published: all of it at once, twenty faults by name.
    """
    tables: dict[str, Sequence[Record]] = {}
    faults: list[str] = []
    for name, (path, columns) in _TABLES.items():
        tables[name] = ()
        if not (folder / path).is_file() and (name != "test" or tables["train"]):
            continue  # a set for evaluation, one whose labels are not out, or the training part alone
        try:
            tables[name] = read_records(folder / path, columns, key=FILES[0])
        except InputError as error:
            faults.append(str(error))
    faults += faults_of(tables)
    if faults:
        more = f"\n  and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
        shown = "".join(f"\n  {fault}" for fault in faults[:_MOST])
        raise InputError(f"{folder}: {len(faults)} faults in the tables of {NAME}:{shown}{more}")
    labels = {one.cells[FILES[0]]: one.cells["scene_label"] for name in ("meta", "evaluate") for one in tables[name]}
    rows = [(record, part) for part in ("train", "test") for record in tables[part]]
    here = {name: files_in(folder / name) for name in ("audio", "video")}
    there = [[_below(record.cells[name], here) for name in FILES] for record, _ in rows]
    clips = tuple(
        _with_files(_clip(record, part, labels), record, folder, found)
        for (record, part), found in zip(rows, there, strict=True)
    )
    without = {
        "audio": [clip.id for clip, (sound, _) in zip(clips, there, strict=True) if not sound],
        "video": [clip.id for clip, (_, pictures) in zip(clips, there, strict=True) if not pictures],
        "label": [clip.id for clip in clips if clip.label is None],
        "place": [clip.id for clip in clips if clip.group is None],
    }
    return Found(clips, lacking={what: tuple(ids) for what, ids in without.items() if ids})


def _clip(record: Record, part: str, labels: Mapping[str, str]) -> Clip:
    file_name = record.cells[FILES[0]]
    name = parse_tau_name(file_name)
    label = (name.scene if name else record.cells.get("scene_label") or labels.get(file_name)) or None
    return Clip(
        id=Path(file_name).stem,
        label=label,
        label_top=None if label is None else TAU.top(label),
        group=name.place if name else None,
        fold=part,
        columns={"source": NAME} | ({"city": name.city} if name else {}),
    )


def _below(file_name: str, here: Mapping[str, frozenset[str]]) -> bool:
    """Whether a file lies where its row says, `audio/…` or `video/…`."""
    folder, _, name = file_name.rpartition("/")
    return name in here.get(folder, ())


def _with_files(clip: Clip, record: Record, folder: Path, found: Sequence[bool]) -> Clip:
    """The clip with those of its two files that are there."""
    names = [record.cells[name] for name, there in zip(FILES, found, strict=True) if there]
    if not names:
        return clip
    pictures = folder / names[1] if len(names) > 1 else None
    return replace(clip, file_name=names[0], path=folder / names[0], pictures_path=pictures)
