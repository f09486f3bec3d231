"""A labelled collection by what its path holds: a manifest, or a public data set as it was unpacked."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from heterophony.clips.bsd import read_bsd
from heterophony.clips.bsd_evaluation import read_bsd_evaluation
from heterophony.clips.esc50 import read_esc50
from heterophony.clips.found import Found
from heterophony.clips.fsd50k import read_fsd50k
from heterophony.clips.manifest import read_manifest
from heterophony.clips.tau import read_tau
from heterophony.errors import InputError

# Name → what only this data set has, as a pattern below its folder, and its reader. The first that fits counts.
DATASETS: dict[str, tuple[str, Callable[[Path], Found]]] = {
    "BSD10k": ("metadata/BSD10k_metadata.csv", partial(read_bsd, name="BSD10k")),
    "BSD35k-CS": ("metadata/BSD35k-CS_metadata.csv", partial(read_bsd, name="BSD35k-CS")),
    "ESC-50": ("meta/esc50.csv", read_esc50),
    "FSD50K": ("FSD50K.ground_truth", read_fsd50k),
    "TAU Urban Audio-Visual Scenes 2021": ("evaluation_setup/fold1_*.csv", read_tau),
    "BSD evaluation": ("metadata/*.csv", read_bsd_evaluation),
}


def is_data_set(path: Path) -> bool:
    """Whether a folder holds what only a data set in `DATASETS` has."""
    return path.is_dir() and any(next(path.glob(sign), None) is not None for sign, _ in DATASETS.values())


def read_collection(
    path: Path, *, label: str | None = None, label_top: str | None = None, group: str | None = None
) -> Found:
    """The clips of a manifest, or of a data set in its folder, with an account of what was left out.

    Args:
        path: A `.csv`, `.tsv`, `.jsonl` or `.parquet` file, or the folder of a data set in `DATASETS`.
        label: For a manifest: the column of the class; see `read_manifest`.
        label_top: Of its top level.
        group: Of what stays in one fold.

    Raises:
        InputError: There is nothing, the folder is of no known data set, columns are named for one that has its own,
            or the data set is not what its reader wants.
    """
    if not path.is_dir():
        return Found(tuple(read_manifest(path, label=label, label_top=label_top, group=group)))
    if label or label_top or group:
        raise InputError(f"{path}: a data set has its own columns; name a column for a manifest (a file) only")
    for sign, read in DATASETS.values():
        if next(path.glob(sign), None) is not None:
            return read(path)
    signs = ", ".join(f"{name} ({sign})" for name, (sign, _) in DATASETS.items())
    raise InputError(f"{path}: a folder, but of no data set that is known by what it holds: {signs}; name a manifest")
