"""A folder with one `<id>.npy` per clip, each the scores of all classes in the order of the tree."""

from pathlib import Path

import numpy as np

from heterophony.errors import InputError
from heterophony.predictions.columns import Columns
from heterophony.predictions.read_table import understood
from heterophony.predictions.said import Imported
from heterophony.predictions.table import Predictions
from heterophony.taxonomy import Taxonomy


def read_npy_folder(folder: Path, taxonomy: Taxonomy) -> Imported:
    """Predictions of unknown targets, sorted by id: the file names without `.npy`.

    Args:
        folder: Holds `<id>.npy`, arrays of shape [classes] or [1, classes], logits or probabilities.
        taxonomy: Says which class each position is.

    Raises:
        InputError: There is no such file, one cannot be read, or has another shape or numbers that are not finite.
    """
    paths = sorted(folder.glob("*.npy"), key=lambda path: path.stem)
    if not paths:
        raise InputError(f"{folder}: neither a run (fold_0/predictions_test.npz) nor a folder of <id>.npy")
    rows = []
    for path in paths:
        try:
            values = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f"{path}: no array that can be read ({error})") from error
        if values.size != taxonomy.n_classes or values.shape not in ((values.size,), (1, values.size)):
            raise InputError(
                f"{path}: an array of shape {values.shape}; wanted ({taxonomy.n_classes},), one number for each class "
                f"of {taxonomy.name!r} in its order"
            )
        if not (np.issubdtype(values.dtype, np.number) and np.isfinite(values).all()):
            raise InputError(f"{path}: wanted finite numbers, came {values.dtype} {values.ravel()[:4]}")
        rows.append(values.reshape(-1).astype(np.float64))
    ids = tuple(path.stem for path in paths)
    named = Columns(folder, {"id": ids}, range(1, len(ids) + 1), {"id": "id"})
    logits, note = understood(named, np.stack(rows))
    unknown, fold = np.full(len(ids), -1, dtype=np.int64), np.zeros(len(ids), dtype=np.int64)
    return Imported(
        Predictions(ids, logits, unknown, fold, taxonomy.classes), "distribution", (None,) * len(ids), (note,)
    )
