"""What `train` and `sweep` are given: a labelled collection, other data sets and vectors beside it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from heterophony.cli.options import pairs_of

if TYPE_CHECKING:
    from heterophony.recipes.collection import Sources, Work


def open_labelled(
    data: Path, columns: dict[str, str | None], extra: list[str] | None, features: list[str] | None, work: "Work"
) -> "Sources":
    """Reads what the options name, and tells on standard error what a data set lacks.

    Args:
        data: A manifest, or the folder of a data set.
        columns: The columns `label`, `label_top` and `group` of a manifest; None where they have their usual names.
        extra: `NAME=PATH` of other data sets.
        features: `MODALITY=PATH[:KEY]` of vectors.
        work: How vectors are made that are not given.

    Raises:
        ConfigError: An option is not of that form.
        InputError: Something cannot be read.
    """
    from heterophony.clips import read_collection
    from heterophony.recipes.collection import read_sources

    found = read_collection(data, label=columns["label"], label_top=columns["label_top"], group=columns["group"])
    if data.is_dir():
        sys.stderr.write(found.summary() + "\n")
    extras = {name: Path(path) for name, path in pairs_of(extra, "--extra").items()}
    return read_sources(found, data, extras, pairs_of(features, "--features"), work)
