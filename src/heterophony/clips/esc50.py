"""ESC-50 as it comes: 2,000 recordings of five seconds, 50 categories in five groups, five given folds.

Source: K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015. Layout:
`meta/esc50.csv` (filename, fold, target, category, esc10, src_file, take) and `audio/<filename>`. `src_file` is the
Freesound id of the recording that the clip was cut from; the given folds keep it together.
"""

from pathlib import Path

from heterophony.clips.clip import Clip
from heterophony.clips.found import Found, files_in, lacking, with_sound
from heterophony.clips.label_map import read_label_map, refuse_unknown_label
from heterophony.clips.records import Record, read_records
from heterophony.errors import InputError

_COLUMNS = ("filename", "fold", "target", "category", "src_file", "take")
# Targets 0-9 are of the first group, 10-19 of the second, and so on.
GROUPS = (
    "animals",
    "natural soundscapes and water",
    "human non-speech",
    "interior and domestic",
    "exterior and urban",
)


def read_esc50(folder: Path) -> Found:
    """Read the data set, in the order of its table.

    The id is the file name without suffix, the label the category, `label_top` its group of ten categories, `group` the
    recording it was cut from, `fold` the given one. There are no words. `Clip.columns` has `source` ("ESC-50")
    and `freesound_id`.

    Args:
        folder: Where the archive was unpacked: the folder with `meta` and `audio`.

    Raises:
        InputError: The table is missing, lacks a column or names a file twice; or a row has a category, target or fold
            that ESC-50 has not.
    """
    categories = list(read_label_map("ESC-50"))
    records = read_records(folder / "meta" / "esc50.csv", _COLUMNS, key="filename")
    sounds = files_in(folder / "audio")
    clips = tuple(
        with_sound(_clip(record, categories), folder, f"audio/{record.cells['filename']}", sounds) for record in records
    )
    return Found(clips, lacking=lacking(clips, {"audio": lambda clip: clip.path}))


def _clip(record: Record, categories: list[str]) -> Clip:
    cells = record.cells
    category = cells["category"]
    refuse_unknown_label(category, dict.fromkeys(categories), record.where)
    if cells["target"] != str(categories.index(category)):
        raise InputError(
            f"{record.where}: {category!r} has the target {categories.index(category)}, not {cells['target']!r}"
        )
    if cells["fold"] not in {"1", "2", "3", "4", "5"} or not cells["src_file"].isdecimal():
        raise InputError(
            f"{record.where}: wanted a fold from 1 to 5 and a Freesound id as src_file; "
            f"{cells['fold']!r} and {cells['src_file']!r} came"
        )
    return Clip(
        id=cells["filename"].removesuffix(".wav"),
        label=category,
        label_top=GROUPS[int(cells["target"]) // 10],
        group=cells["src_file"],
        fold=cells["fold"],
        columns={"source": "ESC-50", "freesound_id": cells["src_file"], "take": cells["take"]},
    )
