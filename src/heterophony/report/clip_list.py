"""The test clips that a person should look at: sure and wrong, and unsure; with their words and a player."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int

from heterophony.clips import Clip, join_words
from heterophony.predictions import Predictions
from heterophony.report.previews import Preview, make_previews
from heterophony.report.reliability_chart import held_out_probabilities
from heterophony.report.results_file import printable
from heterophony.report.run_record import RunRecord
from heterophony.report.sunburst import FAMILIES
from heterophony.taxonomy import Taxonomy

LONGEST = 220
"""Characters of the words that are shown."""


@dataclass(frozen=True)
class Guess:
    """A class as the list shows it: name, its top, colour, probability 0..1 (None where there is none to tell)."""

    name: str
    top: str
    family: int
    probability: float | None


@dataclass(frozen=True)
class ListedClip:
    """One clip of a list.

    Attributes:
        id: Of the clip, and `words`: title, tags and description, cut.
        truth: The label.
        said: The likeliest classes, two at most.
        alone: For each single modality its name and what it says alone.
        mp3: The first seconds as base64; "" if there are none.
        missing: Why there is no player; "" if there is one.
    """

    id: str
    words: str
    truth: Guess | None
    said: list[Guess]
    alone: list[tuple[str, Guess]]
    mp3: str = ""
    missing: str = ""


@dataclass(frozen=True)
class ClipList:
    """A titled list."""

    title: str
    what: str
    clips: list[ListedClip]


def clip_lists(record: RunRecord, count: int, budget_bytes: int, seconds: float) -> list[ClipList]:
    """The most sure wrong clips, the most surely wrong first, and the least sure of all.

    Args:
        record: The run.
        count: Clips in each list, at most.
        budget_bytes: Most characters of base64 that all their sounds may take; 0: no players.
        seconds: Length of a preview.
    """
    main = record.main
    sure, _ = held_out_probabilities(main)
    best = sure.max(axis=1)
    wrong = np.flatnonzero((main.target >= 0) & (sure.argmax(axis=1) != main.target))
    lists = [
        ("Sure and wrong", "labels to check, or what the model has not understood", _by(best, wrong, main, -1)[:count]),
        ("Least sure", "right or wrong", _by(best, np.arange(len(main)), main, 1)[:count]),
    ]
    rows = [row for _, _, some in lists for row in some]
    sounds = _sounds(record, rows, budget_bytes, seconds)
    return [
        ClipList(title, what, [_listed(record, sure, row, sounds[row]) for row in some])
        for title, what, some in lists
        if len(some)
    ]


def _by(value: Float64[np.ndarray, " rows"], rows: Int[np.ndarray, " _"], main: Predictions, sign: int) -> list[int]:
    """The rows by their value, ties by id, so that their order in the table does not count."""
    return sorted(rows.tolist(), key=lambda row: (sign * value[row], main.ids[row]))


def _sounds(record: RunRecord, rows: Sequence[int], budget_bytes: int, seconds: float) -> dict[int, tuple[str, str]]:
    """For each row its sound, or why it has none."""
    if not record.clips_given:
        return dict.fromkeys(rows, ("", ""))
    unique = list(dict.fromkeys(rows))
    found = [record.clips.get(record.main.ids[row]) for row in unique]
    previews = make_previews([clip.path if clip else None for clip in found], budget_bytes, seconds)
    return {
        row: (preview.mp3, "not in the collection that was given" if clip is None else _silence(preview))
        for row, clip, preview in zip(unique, found, previews, strict=True)
    }


def _silence(preview: Preview) -> str:
    """Why there is no player, without the path that a decoder names: a page is passed on."""
    return "the sound cannot be read" if preview.missing.startswith("cannot be") else preview.missing


def _listed(
    record: RunRecord, sure: Float64[np.ndarray, "rows classes"], row: int, sound: tuple[str, str]
) -> ListedClip:
    main, tree = record.main, record.taxonomy
    order = np.argsort(-sure[row], kind="stable")[:2].tolist()
    key = main.ids[row]
    label = int(main.target[row])
    return ListedClip(
        id=printable(key),
        words=_words(record.clips.get(key)),
        truth=None if label < 0 else _guess(tree, label, float(sure[row, label])),
        said=[_guess(tree, place, float(sure[row, place])) for place in order],
        alone=_alone(record, key),
        mp3=sound[0],
        missing=printable(sound[1]),
    )


def _alone(record: RunRecord, key: str) -> list[tuple[str, Guess]]:
    """What each modality alone says of a clip, where the run has more than one."""
    found = []
    for name, table in list(record.predictions.items())[1:]:
        if "+" not in name and key in table.ids:
            label = int(table.logits[table.ids.index(key)].argmax())
            found.append((printable(name), _guess(record.taxonomy, label, None)))
    return found


def _words(clip: Clip | None) -> str:
    """Title, tags and description on one line, cut."""
    text = "" if clip is None else printable(join_words(clip.title, clip.tags, clip.description))
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _guess(tree: Taxonomy, label: int, probability: float | None) -> Guess:
    key, top = tree.classes[label], tree.top_of[label]
    above = tree.names.get(tree.tops[top], tree.tops[top]) if tree.levels == 2 else ""
    return Guess(tree.names.get(key, key), above, top % FAMILIES, probability)
