"""The evaluation set of DCASE 2026 Task 1 as it comes: anonymous recordings with words, without labels.

Layout: one table in `metadata/` with the columns anonymous_id, title, tags, description (its name is not fixed here),
and `audio/<anonymous_id>.wav`.
"""

from pathlib import Path

from heterophony.clips.cells import read_cells
from heterophony.clips.clip import Clip
from heterophony.clips.found import Found, files_in, lacking, with_sound
from heterophony.clips.records import read_records
from heterophony.errors import InputError

_COLUMNS = ("anonymous_id", "title", "tags", "description")


def read_bsd_evaluation(folder: Path) -> Found:
    """Read the evaluation set, in the order of its table.

    Args:
        folder: Where the archives were unpacked: the folder with `metadata` and `audio`.

    Returns:
        Clips without label; `lacking` names those without recording or words.

    Raises:
        InputError: `metadata/` has no table with a column `anonymous_id`, or several; or the table lacks another
            column, or has an id twice.
    """
    records = read_records(_find_evaluation_table(folder / "metadata"), _COLUMNS, key="anonymous_id")
    sounds = files_in(folder / "audio")
    clips = []
    for record in records:
        name, title, tags, description = (record.cells[column] for column in _COLUMNS)
        clip = Clip(id=name, title=title, tags=tags, description=description, columns={"source": "BSD evaluation"})
        clips.append(with_sound(clip, folder, f"audio/{name}.wav", sounds))
    tests = {
        "audio": lambda clip: clip.path,
        "title": lambda clip: clip.title,
        "tags": lambda clip: clip.tags,
        "description": lambda clip: clip.description,
    }
    return Found(tuple(clips), lacking=lacking(clips, tests))


def _find_evaluation_table(metadata: Path) -> Path:
    tables = sorted(metadata.glob("*.csv"))
    found = [path for path in tables if "anonymous_id" in read_cells(path).columns]
    if len(found) != 1:
        names = ", ".join(path.name for path in (found or tables)) or "none"
        raise InputError(
            f"{metadata}: wanted one table with a column 'anonymous_id', found {len(found)} (of the tables {names}); "
            "name the folder into which the evaluation set was unpacked"
        )
    return found[0]
