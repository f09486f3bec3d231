"""From the labels of another data set to the Broad Sound Taxonomy: tables that come with the package.

Both maps are our own. The field's maps (audio_text.md 4.8) are known by how many labels each class got and which labels
got none; ours have the same counts and the same labels without class. Which label goes where is our judgement: each
by its own sense, and so that a label agrees with the general labels that FSD50K puts beside it where the counts allow.
They do not allow it for Bus, Vehicle_horn…, Traffic_noise… (ss-u under Motor_vehicle, fx-v), Siren (ss-u under Alarm,
fx-el), Mechanical_fan (ss-i, "room tone", under Mechanisms, fx-m), Engine_starting and Accelerating… (fx-v under
Engine, fx-m), and Applause and Cheering (fx-h under Human_group_actions, sp-c): clips with both are dropped.
"""

import difflib
from collections.abc import Mapping
from importlib.resources import as_file, files

from heterophony.clips.records import read_records
from heterophony.errors import InputError
from heterophony.taxonomy import BST

# Name of the data set → its table, and the column of the labels there.
LABEL_MAPS: dict[str, tuple[str, str]] = {
    "ESC-50": ("esc50-bst.csv", "category"),
    "FSD50K": ("fsd50k-bst.csv", "label"),
}


def read_label_map(name: str) -> dict[str, str | None]:
    """A data set's labels, each with its class of the Broad Sound Taxonomy, or None where none fits.

    Args:
        name: "ESC-50" (50 categories, all with a class) or "FSD50K" (200 labels, 180 with a class).

    Raises:
        InputError: There is no map of that name, or the table names a class that the taxonomy has not.
    """
    if name not in LABEL_MAPS:
        raise InputError(f"no map of labels is called {name!r}; there are {', '.join(LABEL_MAPS)}")
    table, column = LABEL_MAPS[name]
    with as_file(files("heterophony.clips") / "maps" / table) as path:
        records = read_records(path, (column, "bst"), key=column)
    mapped = {record.cells[column]: record.cells["bst"] or None for record in records}
    for key in mapped.values():
        if key is not None:
            BST.index(key)
    return mapped


def refuse_unknown_label(label: str, known: Mapping[str, object], where: str) -> None:
    """Refuse a label that a data set does not have.

    Raises:
        InputError: The label is unknown; the message has the nearest one.
    """
    if label not in known:
        close = difflib.get_close_matches(label, known, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise InputError(f"{where}: label {label!r} is none of the {len(known)} known ones{hint}")
