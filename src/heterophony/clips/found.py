"""What a reader of a data set found: its clips, what it left out, and what the files on disk lack."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from heterophony.clips.clip import Clip


@dataclass(frozen=True, slots=True)
class Found:
    """The clips of a data set, and an account of the rest.

    Attributes:
        clips: In the order of the data set's own table; folds may depend on it.
        dropped: Why rows were left out, and how many for each reason.
        lacking: What is not there ("audio", "confidence", "features/…"), and the ids of the clips that lack it.
    """

    clips: tuple[Clip, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Label → number of clips, in alphabetical order; clips without label are not counted."""
        return dict(sorted(Counter(clip.label for clip in self.clips if clip.label is not None).items()))

    def summary(self) -> str:
        """The account as lines of text: clips, counts per class, what was dropped, what is lacking."""
        lines = [f"{len(self.clips)} clips"]
        if self.counts:
            lines.append("classes: " + ", ".join(f"{label} {count}" for label, count in self.counts.items()))
        lines += [f"dropped: {count} ({reason})" for reason, count in self.dropped.items()]
        lines += [f"without {what}: {len(ids)} ({_some(ids)})" for what, ids in self.lacking.items()]
        return "\n".join(lines)


def files_in(folder: Path) -> frozenset[str]:
    """The names of what lies in a folder; none if there is no such folder."""
    return frozenset(os.listdir(folder)) if folder.is_dir() else frozenset()  # noqa: PTH208 (names, not paths)


def with_sound(clip: Clip, root: Path, file_name: str, present: frozenset[str]) -> Clip:
    """The clip with its recording, if that is there.

    Args:
        clip: A clip without recording.
        root: The folder of the data set.
        file_name: Where the recording lies below `root`, written with "/".
        present: `files_in` the folder of the recording.
    """
    if file_name.rpartition("/")[2] not in present:
        return clip
    return replace(clip, file_name=file_name, path=root / file_name)


def lacking(clips: Sequence[Clip], has: Mapping[str, Callable[[Clip], object]]) -> dict[str, tuple[str, ...]]:
    """What → ids of the clips for which `has[what]` is None or ""; what every clip has is left out."""
    ids = {what: tuple(clip.id for clip in clips if test(clip) in (None, "")) for what, test in has.items()}
    return {what: names for what, names in ids.items() if names}


def _some(ids: Iterable[str], most: int = 4) -> str:
    shown = list(ids)
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")
