"""One row of a manifest: a recording, the words that came with it, and what is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One sample of a collection.

    Attributes:
        id: Unique in its collection: the manifest's `id` (or `sound_id`), else the file name.
        file_name: As the user gave it; what results are listed under. Empty for a row of words only.
        path: Where the recording lies; None for a row of words only.
        pictures_path: Where its pictures lie, if that is another file (a sound and a video without one); None: `path`.
        stretch: From when to when it goes, in seconds of its files (see `segments`); None: all of them.
        title, tags, description: The words as the manifest gives them; None where it has no such column.
            Tags are separated by commas.
        label: The class; None where unknown.
        label_top: The top level of the class, where the manifest names it.
        group: What must stay in one fold (uploader, location); None where unknown.
        fold: A fold given by the manifest; None where it gives none.
        columns: Every other column of the manifest, as text (license, source, confidence …).
    """

    id: str
    file_name: str = ""
    path: Path | None = None
    pictures_path: Path | None = None
    stretch: tuple[float, float] | None = None
    title: str | None = None
    tags: str | None = None
    description: str | None = None
    label: str | None = None
    label_top: str | None = None
    group: str | None = None
    fold: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
