"""Words from one table to recordings from elsewhere: by exact place, else by name."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from heterophony.clips.clip import Clip
from heterophony.clips.manifest import read_manifest
from heterophony.errors import InputError


def match_words(clips: Sequence[Clip], words: Path) -> list[Clip]:
    """Give the clips the words (and, where they have none, label, group and fold) of a manifest's rows.

    A row belongs to a clip if it names the very same file (from the manifest's folder, or as the clip is listed), or
    the end of its path (`a/1.wav` for `sounds/a/1.wav`); else if the base names are equal; else, for a row without a
    file name, if its id is the base name without suffix (Freesound's `<sound_id>.wav`). A clip without a row keeps what
    it has.

    Args:
        clips: The recordings.
        words: The manifest.

    Raises:
        InputError: Two rows fit one clip equally well, one row fits two clips by base name, or no row fits any clip.
    """
    rows = read_manifest(words)
    by_place = _index((place, row) for row in rows if row.path for place in {row.file_name, str(row.path.resolve())})
    by_name = _index((PurePath(row.file_name).name if row.file_name else row.id, row) for row in rows)
    matched: list[Clip] = []
    used: Counter[str] = Counter()
    for clip in clips:
        row = _row_of(clip, by_place, by_name, words)
        if row is not None:
            used[row.id] += 1
        matched.append(clip if row is None else _join(clip, row))
    if clips and not used:
        wanted = next((clip.file_name for clip in clips if clip.file_name), clips[0].id)
        raise InputError(
            f"{words}: none of its {len(rows)} rows belongs to any of the {len(clips)} recordings; "
            f"its first row names {rows[0].file_name or rows[0].id!r}, the first recording is {wanted!r}"
        )
    twice = [name for name, count in used.items() if count > 1]
    if twice:
        raise InputError(
            f"{words}: the row {twice[0]!r} fits {used[twice[0]]} recordings of that name; "
            "write their paths from the manifest's folder into 'file_name'"
        )
    return matched


def _row_of(clip: Clip, by_place: dict[str, list[Clip]], by_name: dict[str, list[Clip]], words: Path) -> Clip | None:
    if clip.path is None:
        return _only(by_name.get(clip.id, []), clip, words)
    parts = PurePath(clip.file_name).parts
    ends = ["/".join(parts[start:]) for start in range(len(parts) - 1)]
    for place in (str(clip.path.resolve()), clip.file_name, *ends):
        if place in by_place:
            return _only(by_place[place], clip, words)
    named = by_name.get(clip.path.name) or [row for row in by_name.get(clip.path.stem, []) if not row.file_name]
    return _only(named, clip, words)


def _only(rows: list[Clip], clip: Clip, words: Path) -> Clip | None:
    if len(rows) > 1:
        raise InputError(
            f"{words}: {len(rows)} rows fit {clip.file_name or clip.id!r}: {', '.join(row.id for row in rows[:4])}; "
            "write the path from the manifest's folder into 'file_name'"
        )
    return rows[0] if rows else None


def _join(clip: Clip, row: Clip) -> Clip:
    return replace(
        clip,
        title=row.title,
        tags=row.tags,
        description=row.description,
        label=clip.label or row.label,
        label_top=clip.label_top or row.label_top,
        group=clip.group or row.group,
        fold=clip.fold or row.fold,
        columns={**row.columns, **clip.columns},
    )


def _index(pairs: Iterable[tuple[str, Clip]]) -> dict[str, list[Clip]]:
    index: dict[str, list[Clip]] = defaultdict(list)
    for name, row in pairs:
        index[name].append(row)
    return dict(index)
