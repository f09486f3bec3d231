"""What the name of a file of the TAU data sets says: `<scene>-<city>-<location>-<clip>`, from the left.

Scenes have underscores and no hyphens; locations are counted over the whole set, so each belongs to one scene and one
city. Some copies add the letter of a device (`-a`), which says nothing here. Source: audio_visual.md D.1.
"""

import re
from dataclasses import dataclass

_NAME = re.compile(r"(?:.*[/\\])?([^-/\\]+)-([^-]+)-(\d+)-(\d+)(?:-\w+)?(?:\.\w+)?")


@dataclass(frozen=True, slots=True)
class TauName:
    """The four parts of a name, as text."""

    scene: str
    city: str
    location: str
    clip: str

    @property
    def place(self) -> str:
        """What must stay in one part of a split, as the column `identifier` of `meta.csv` has it: `lisbon-1175`."""
        return f"{self.city}-{self.location}"


def parse_tau_name(file_name: str) -> TauName | None:
    """The parts of a file's name, whatever folder and suffix it has; None where it is no such name.

    >>> parse_tau_name("audio/street_traffic-lisbon-1175-44106-a.wav")
    TauName(scene='street_traffic', city='lisbon', location='1175', clip='44106')
    >>> parse_tau_name("audio/17.wav") is None
    True
    """
    found = _NAME.fullmatch(file_name)
    return TauName(*found.groups()) if found else None
