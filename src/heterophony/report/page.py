"""The page of a classified collection: one HTML file to see, filter and listen to it, the least certain first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from heterophony.errors import AlignmentError
from heterophony.report.html import render, script_json
from heterophony.report.page_rows import page_rows
from heterophony.report.previews import Progress, make_previews
from heterophony.report.result import Result
from heterophony.report.summary import histogram, legend, player_note, totals
from heterophony.report.sunburst import sunburst
from heterophony.taxonomy import Taxonomy

_REFUSED_SHOWN = 1000


@dataclass(frozen=True, kw_only=True)
class PageSettings:
    """What a page says and how much it holds.

    Attributes:
        title: Heading of the page.
        subtitle: One line below it: model, date, command; "" for none.
        preview_budget_bytes: Most bytes of sound inside the page; beyond them it links to the files. 0: links only.
        preview_seconds: Length of a preview.
        unsure_below: Probability under which a result counts as unsure, 0..1.
        rows_per_page: Rows of the table shown at once.
        workers: Threads that make previews.
    """

    title: str = "A collection of sounds"
    subtitle: str = ""
    preview_budget_bytes: int = 20_000_000
    preview_seconds: float = 10.0
    unsure_below: float = 0.5
    rows_per_page: int = 50
    workers: int = 2


def write_page(
    rows: Sequence[Result],
    sounds: Sequence[Path | None],
    taxonomy: Taxonomy,
    path: Path,
    settings: PageSettings | None = None,
    progress: Progress | None = None,
) -> None:
    """Writes the page of a collection.

    Args:
        rows: One per file, in any order.
        sounds: Where the recording of each row lies; None for a row of words only.
        taxonomy: The tree whose keys the rows name.
        path: The HTML file; links to recordings are relative to its folder.
        settings: Title, preview budget and the like; None for the defaults.
        progress: Called with (previews done, sounds in all); about 0.04 s each, so some seconds for a full page.

    Raises:
        AlignmentError: If there is not one sound per row.
        InputError: If a row names a class the tree does not have.
    """
    if len(rows) != len(sounds):
        raise AlignmentError(f"report: {len(rows)} rows but {len(sounds)} sounds; give one path or None per row")
    settings = settings or PageSettings()
    placed = sorted(
        ((row, sound) for row, sound in zip(rows, sounds, strict=True) if row.kind != "refused"),
        key=lambda pair: (pair[0].class_probability or 0.0, pair[0].file_name),
    )
    kept, paths = [row for row, _ in placed], [sound for _, sound in placed]
    above = _above(rows, kept, taxonomy, settings)
    previews = make_previews(paths, settings.preview_budget_bytes, settings.preview_seconds, settings.workers, progress)
    facts = {"unsureBelow": settings.unsure_below, "rowsPerPage": settings.rows_per_page}
    data = script_json(page_rows(kept, paths, previews, taxonomy, path) | facts)
    table = {"previews": previews, "players": player_note(previews), "data": data}
    page = render("classify.html", ["table.js", "player.js", "collection.js"], above | table)
    path.write_text(page, encoding="utf-8")


def _above(
    rows: Sequence[Result], kept: Sequence[Result], taxonomy: Taxonomy, settings: PageSettings
) -> dict[str, object]:
    """What the page shows besides its table; `kept` are the rows that were not refused."""
    counts = [0] * taxonomy.n_classes
    for row in kept:
        counts[taxonomy.index(row.class_ or "")] += 1
    refused = [row for row in rows if row.kind == "refused"]
    return {
        "settings": settings,
        "totals": totals(rows, settings.unsure_below),
        "arcs": sunburst(counts, taxonomy),
        "legend": legend(counts, taxonomy),
        "histogram": histogram(kept),
        "refused": refused[:_REFUSED_SHOWN],
        "refused_hidden": max(0, len(refused) - _REFUSED_SHOWN),
    }
