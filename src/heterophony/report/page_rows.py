"""The rows of a page as columns of plain data, which its script turns into a table."""

from collections.abc import Sequence
from pathlib import Path

from heterophony.report.html import relative_link
from heterophony.report.neighbourhood import Neighbourhood
from heterophony.report.previews import BEYOND_BUDGET, Preview
from heterophony.report.result import Result
from heterophony.report.results_file import printable
from heterophony.report.sunburst import FAMILIES
from heterophony.taxonomy import Taxonomy


def page_rows(
    rows: Sequence[Result],
    sounds: Sequence[Path | None],
    previews: Sequence[Preview],
    taxonomy: Taxonomy,
    page: Path,
) -> dict[str, object]:
    """Columns by name, each as long as `rows`; classes and tops as indices, -1 for none, probabilities in 0..1.

    Columns: `file`, `title`, `note` (why partial), `top`, `topP`, `cls`, `p`, `second`, `secondP`, `third`, `thirdP`,
    `sound`, `words`, `wSound`, `wWords`, `link` (relative address, "" for none), `outline`, `silent` (why there is no
    player). Of graph models also `novelty` (-1 for none), `near` (by modality the known samples that were asked: its
    name, then for each id, class, words, distance; empty for none). And `classes`, `tops`: what the indices mean.
    """
    index = {key: label for label, key in enumerate(taxonomy.classes)}
    return {
        "classes": [_class_entry(taxonomy, label) for label in range(taxonomy.n_classes)],
        "tops": [taxonomy.names.get(key, key) for key in taxonomy.tops],
        "twoLevels": taxonomy.levels == 2,
        "file": [printable(row.file_name) for row in rows],
        "title": [printable(row.title) for row in rows],
        "note": [printable(row.reason) for row in rows],
        "top": [taxonomy.tops.index(row.top) if row.top else -1 for row in rows],
        "topP": [_rounded(row.top_probability) for row in rows],
        "cls": [index[row.class_ or ""] for row in rows],
        "p": [_rounded(row.class_probability) for row in rows],
        "second": [_place(row.second, index) for row in rows],
        "secondP": [_rounded(row.second_probability) for row in rows],
        "third": [_place(row.third, index) for row in rows],
        "thirdP": [_rounded(row.third_probability) for row in rows],
        "sound": [_place(row.class_from_sound, index) for row in rows],
        "words": [_place(row.class_from_words, index) for row in rows],
        "wSound": [_rounded(row.weight_sound) for row in rows],
        "wWords": [_rounded(row.weight_words) for row in rows],
        "link": ["" if sound is None else relative_link(sound, page) for sound in sounds],
        "outline": [preview.outline for preview in previews],
        "silent": [_silence(preview) for preview in previews],
        **_neighbourhoods(rows, index),
    }


def _neighbourhoods(rows: Sequence[Result], index: dict[str, int]) -> dict[str, object]:
    """The columns that only graph models fill; none where there are no neighbourhoods."""
    if all(row.neighbourhood is None for row in rows):
        return {}
    return {
        "novelty": [_rounded(row.neighbourhood.novelty if row.neighbourhood else None) for row in rows],
        "near": [_near(row.neighbourhood, index) for row in rows],
    }


def _class_entry(taxonomy: Taxonomy, label: int) -> dict[str, object]:
    """What the script knows of a class."""
    key = taxonomy.classes[label]
    return {
        "key": key,
        "name": taxonomy.names.get(key, key),
        "top": taxonomy.top_of[label],
        "family": taxonomy.top_of[label] % FAMILIES,
        "definition": taxonomy.definitions.get(key, ""),
    }


def _silence(preview: Preview) -> str:
    """Why a row has no player; "" if it has one, inside the page or by its link."""
    return "" if preview == BEYOND_BUDGET else printable(preview.missing)


def _near(found: Neighbourhood | None, index: dict[str, int]) -> list[list[object]]:
    """The nearest known samples, modality by modality."""
    if found is None:
        return []
    return [
        [
            name,
            *(
                [printable(one.id), index.get(one.label, -1), printable(one.words), round(one.distance, 2)]
                for one in some
            ),
        ]
        for name, some in found.nearest.items()
    ]


def _place(key: str | None, index: dict[str, int]) -> int:
    """The index of a class; -1 for none."""
    return -1 if key is None else index[key]


def _rounded(value: float | None) -> float:
    """A probability with four decimals; -1 for none."""
    return -1 if value is None else round(float(value), 4)
