"""What the store knows of a collection before any file is decoded, and how new vectors get into it."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from heterophony.clips import Clip
from heterophony.media import Limits, Words
from heterophony.store.content import clip_key, content_hash, text_hash
from heterophony.store.encoder_specs import IMPORTED, EncoderSpec
from heterophony.store.import_folder import id_key
from heterophony.store.one_clip import Facts, Known, Outcome, WordsFrom, text_of
from heterophony.store.shelf import Shelf, Store

FLUSH_EVERY = 256  # clips; a killed process loses at most so many


@dataclass(slots=True, eq=False)
class Memory:
    """The shelves of a run. Without a store it knows nothing and keeps nothing.

    Attributes:
        shelves: Key of encoder to encoder and shelf; empty without a store.
        keys: Content hash per clip; None where there is no file, no store, or the file cannot be read.
        words: Where the words of a clip come from.
    """

    shelves: dict[str, tuple[EncoderSpec, Shelf]]
    keys: tuple[str | None, ...]
    words: WordsFrom
    _waiting: dict[str, list[tuple[str, Float32[np.ndarray, " _"], str]]] = field(default_factory=dict)
    _kept: int = 0

    def recall(self, clips: Sequence[Clip]) -> list[Known]:
        """What is known of each clip.

        Raises:
            StoreError: A clip has no imported vector (the message names it), or a file of the store is damaged.
        """
        facts: list[Facts | None] = [Facts() if clip.path is None else None for clip in clips]
        vectors: list[dict[str, Float32[np.ndarray, " _"]]] = [{} for _ in clips]
        for part, shelf in self._of_files():
            for at, vector, note in _look_up(shelf, self.keys):
                vectors[at][part.key] = vector
                facts[at] = _joined(facts[at], _facts_from(note), part.modality)
        texts = [text_of(clip, known, self.words) for clip, known in zip(clips, facts, strict=True)]
        for part, shelf in self.shelves.values():
            if part.modality == "words" and part.name != IMPORTED:
                for at, vector, _ in _look_up(shelf, [text_hash(text) if text else None for text in texts]):
                    vectors[at][part.key] = vector
        self._take_imported(clips, vectors)
        return [Known(found, known) for found, known in zip(vectors, facts, strict=True)]

    def _take_imported(self, clips: Sequence[Clip], vectors: list[dict[str, Float32[np.ndarray, " _"]]]) -> None:
        for part, shelf in self.shelves.values():
            if part.name == IMPORTED:
                for at, vector in enumerate(shelf.get([id_key(clip.id) for clip in clips])[0]):
                    vectors[at][part.key] = vector

    def _of_files(self) -> list[tuple[EncoderSpec, Shelf]]:
        """The shelves whose keys are the contents of files."""
        return [(p, shelf) for p, shelf in self.shelves.values() if p.modality != "words" and p.name != IMPORTED]

    def keep(self, at: int, clip: Clip, new: Outcome) -> None:
        """Takes the new vectors of clip number `at`; they reach the disk in groups, the last by `flush`."""
        note = json.dumps(asdict(new.facts), ensure_ascii=False)
        text = text_of(clip, new.facts, self.words)
        for key, vector in new.vectors.items():
            if key not in self.shelves:
                continue
            reads = self.shelves[key][0].modality == "words"
            row = (text_hash(text) if text else None) if reads else self.keys[at]
            if row is not None:
                self._waiting.setdefault(key, []).append((row, vector, "" if reads else note))
        self._kept += 1
        if self._kept % FLUSH_EVERY == 0:
            self.flush()

    def close(self) -> None:
        """Puts on the shelves what waits, and merges the shards of those that have very many."""
        self.flush()
        for _, shelf in self.shelves.values():
            if shelf.crowded:
                shelf.compact()

    def flush(self) -> None:
        """Puts on the shelves what waits."""
        waiting, self._waiting = self._waiting, {}
        for key, rows in waiting.items():
            shelf = self.shelves[key][1]
            unique = {row: (vector, note) for row, vector, note in rows}
            absent = shelf.missing(list(unique))
            if absent:
                vectors = np.stack([unique[row][0] for row in absent])
                shelf.add(absent, vectors, [unique[row][1] for row in absent])


def _look_up(shelf: Shelf, keys: Sequence[str | None]) -> list[tuple[int, Float32[np.ndarray, " _"], str]]:
    """(Number of the clip, vector, note) of every key that is on the shelf."""
    absent = set(shelf.missing([key for key in keys if key is not None]))
    there = [(at, key) for at, key in enumerate(keys) if key is not None and key not in absent]
    vectors, notes = shelf.get([key for _, key in there])
    return [(at, vector, note) for (at, _), vector, note in zip(there, vectors, notes, strict=True)]


def open_memory(
    clips: Sequence[Clip],
    parts: Sequence[EncoderSpec],
    store: Store | None,
    workers: int,
    limits: Limits,
    words: WordsFrom,
) -> Memory:
    """The shelves for these encoders, and the content hashes of all files, taken in threads."""
    if store is None:
        return Memory({}, (None,) * len(clips), words)
    shelves = {part.key: (part, store.shelf(part.fingerprint)) for part in parts}
    if not any(part.modality != "words" and part.name != IMPORTED for part in parts):
        return Memory(shelves, (None,) * len(clips), words)
    files = list(dict.fromkeys(path for clip in clips for path in (clip.path, clip.pictures_path) if path is not None))
    with ThreadPoolExecutor(max(1, workers)) as pool:
        known = dict(zip(files, pool.map(lambda path: _hash(path, limits), files), strict=True))
    return Memory(shelves, tuple(_key(clip, known) for clip in clips), words)


def _hash(path: Path, limits: Limits) -> str | None:
    """Content hash; None for what is no readable file of a lawful size: decoding will say what is wrong with it."""
    try:
        return content_hash(path) if path.is_file() and path.stat().st_size <= limits.max_bytes else None
    except OSError:
        return None


def _key(clip: Clip, known: Mapping[Path, str | None]) -> str | None:
    """The key of a clip; None where a file of it has no hash."""
    hashes = {path: key for path in (clip.path, clip.pictures_path) if path is not None and (key := known[path])}
    there = len(hashes) == len({clip.path, clip.pictures_path} - {None})
    return clip_key(clip, hashes.__getitem__) if there else None


def _joined(before: Facts | None, found: Facts, modality: str) -> Facts:
    """What two shelves know of one file: each knows best of its own modality."""
    if before is None:
        return found
    absent = tuple(sorted({*before.absent, *found.absent}))
    sound, pictures = (found, before) if modality == "sound" else (before, found)
    return replace(sound, pictures_note=pictures.pictures_note, absent=absent)


def _facts_from(note: str) -> Facts:
    known = json.loads(note)
    changed = {"words": Words(**known["words"]), "absent": tuple(known["absent"])}
    return Facts(**(known | changed))
