"""What stands above the table: totals, the list of classes, how certain the answers are, where sounds play from."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from heterophony.report.previews import BEYOND_BUDGET, Preview
from heterophony.report.result import Result
from heterophony.report.sunburst import FAMILIES
from heterophony.taxonomy import Taxonomy

_BINS = 20


@dataclass(frozen=True)
class Totals:
    """The numbers on top of the page; `ok + partial + refused == files`.

    Attributes:
        median_probability: Of the class, over the files that have one; None if none has.
        disagreeing: Files where sound alone and words alone say different classes.
    """

    files: int
    ok: int
    partial: int
    refused: int
    median_probability: float | None
    unsure: int
    disagreeing: int


def totals(rows: Sequence[Result], unsure_below: float) -> Totals:
    """Counts the rows."""
    kinds = [row.kind for row in rows]
    sure = [row.class_probability for row in rows if row.class_probability is not None]
    apart = [row for row in rows if disagree(row)]
    return Totals(
        files=len(rows),
        ok=kinds.count("ok"),
        partial=kinds.count("partial"),
        refused=kinds.count("refused"),
        median_probability=median(sure) if sure else None,
        unsure=sum(probability < unsure_below for probability in sure),
        disagreeing=len(apart),
    )


def disagree(row: Result) -> bool:
    """Whether sound alone and words alone say different classes."""
    return bool(row.class_from_sound and row.class_from_words and row.class_from_sound != row.class_from_words)


def legend(counts: Sequence[int], taxonomy: Taxonomy) -> list[dict[str, object]]:
    """The tops with their classes as the page lists them: those that occur, with counts and colours."""
    entries: list[dict[str, object]] = []
    for top, key in enumerate(taxonomy.tops):
        members = [label for label in range(taxonomy.n_classes) if taxonomy.top_of[label] == top and counts[label]]
        if not members:
            continue
        classes = [
            {"index": label, "name": _name(taxonomy, taxonomy.classes[label]), "count": counts[label]}
            | {"definition": taxonomy.definitions.get(taxonomy.classes[label], "")}
            for label in sorted(members, key=lambda label: -counts[label])
        ]
        entries.append(
            {
                "index": top,
                "name": _name(taxonomy, key),
                "count": sum(counts[label] for label in members),
                "family": top % FAMILIES,
                "classes": classes if taxonomy.levels == 2 else [],
            }
        )
    return entries


def histogram(rows: Sequence[Result]) -> list[int]:
    """How many rows have a class probability in each twentieth of 0..1."""
    counts = [0] * _BINS
    for row in rows:
        counts[min(_BINS - 1, int((row.class_probability or 0.0) * _BINS))] += 1
    return counts


def player_note(previews: Sequence[Preview]) -> dict[str, int]:
    """How many rows play from inside the page, from their file, or not at all."""
    inside = sum(bool(preview.mp3) for preview in previews)
    linked = sum(preview == BEYOND_BUDGET for preview in previews)
    return {"inside": inside, "linked": linked, "silent": len(previews) - inside - linked}


def _name(taxonomy: Taxonomy, key: str) -> str:
    """The readable name without its top."""
    return taxonomy.names.get(key, key)
