"""What the store knows of a collection before any file is decoded, and how new vectors get into it."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

import numpy as np
from jaxtyping import Float32

from heterophony.clips import Clip
from heterophony.media import Limits, Words
from heterophony.store.content import content_hash, text_hash
from heterophony.store.encoder_specs import EncoderSpec
from heterophony.store.one_clip import Facts, Known, Outcome, WordsFrom, text_of
from heterophony.store.shelf import Shelf, Store

FLUSH_EVERY = 256  # clips; a killed process loses at most so many


@dataclass(slots=True, eq=False)
class Memory:
    """The shelves of a run. Without a store it knows nothing and keeps nothing.

    Attributes:
        shelves: Modality to shelf; empty without a store.
        keys: Content hash per clip; None where there is no file, no store, or the file cannot be read.
        words: Where the words of a clip come from.
    """

    shelves: dict[str, Shelf]
    keys: tuple[str | None, ...]
    words: WordsFrom
    _waiting: dict[str, list[tuple[str, Float32[np.ndarray, " _"], str]]] = field(default_factory=dict)
    _kept: int = 0

    def recall(self, clips: Sequence[Clip]) -> list[Known]:
        """What is known of each clip."""
        facts: list[Facts | None] = [Facts() if clip.path is None else None for clip in clips]
        vectors: list[dict[str, Float32[np.ndarray, " _"]]] = [{} for _ in clips]
        for modality in self.shelves.keys() - {"words"}:
            for at, vector, note in self._look_up(modality, self.keys):
                vectors[at][modality] = vector
                if modality == "sound" or facts[at] is None:
                    facts[at] = _facts_from(note)
        if "words" in self.shelves:
            texts = [text_of(clip, known, self.words) for clip, known in zip(clips, facts, strict=True)]
            for at, vector, _ in self._look_up("words", [text_hash(text) if text else None for text in texts]):
                vectors[at]["words"] = vector
        return [Known(found, known) for found, known in zip(vectors, facts, strict=True)]

    def keep(self, at: int, clip: Clip, new: Outcome) -> None:
        """Takes the new vectors of clip number `at`; they reach the disk in groups, the last by `flush`."""
        note = json.dumps(asdict(new.facts), ensure_ascii=False)
        text = text_of(clip, new.facts, self.words)
        for modality, vector in new.vectors.items():
            key = (text_hash(text) if text else None) if modality == "words" else self.keys[at]
            if key is not None and modality in self.shelves:
                self._waiting.setdefault(modality, []).append((key, vector, "" if modality == "words" else note))
        self._kept += 1
        if self._kept % FLUSH_EVERY == 0:
            self.flush()

    def flush(self) -> None:
        """Puts on the shelves what waits."""
        waiting, self._waiting = self._waiting, {}
        for modality, rows in waiting.items():
            unique = {key: (vector, note) for key, vector, note in rows}
            absent = self.shelves[modality].missing(list(unique))
            if absent:
                vectors = np.stack([unique[key][0] for key in absent])
                self.shelves[modality].add(absent, vectors, [unique[key][1] for key in absent])

    def _look_up(self, modality: str, keys: Sequence[str | None]) -> list[tuple[int, Float32[np.ndarray, " _"], str]]:
        """(Number of the clip, vector, note) of every key that is on the shelf."""
        shelf = self.shelves[modality]
        absent = set(shelf.missing([key for key in keys if key is not None]))
        there = [(at, key) for at, key in enumerate(keys) if key is not None and key not in absent]
        vectors, notes = shelf.get([key for _, key in there])
        return [(at, vector, note) for (at, _), vector, note in zip(there, vectors, notes, strict=True)]


def open_memory(
    clips: Sequence[Clip],
    specs: Sequence[EncoderSpec],
    store: Store | None,
    workers: int,
    limits: Limits,
    words: WordsFrom,
) -> Memory:
    """The shelves for these encoders, and the content hashes of all files, taken in threads."""
    if store is None:
        return Memory({}, (None,) * len(clips), words)
    shelves = {spec.modality: store.shelf(spec.fingerprint) for spec in specs}
    if not shelves.keys() - {"words"}:
        return Memory(shelves, (None,) * len(clips), words)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        return Memory(shelves, tuple(pool.map(lambda clip: _key(clip, limits), clips)), words)


def _key(clip: Clip, limits: Limits) -> str | None:
    """Content hash; None for what is no readable file of a lawful size: decoding will say what is wrong with it."""
    try:
        if clip.path is None or not clip.path.is_file() or clip.path.stat().st_size > limits.max_bytes:
            return None
        return content_hash(clip.path)
    except OSError:
        return None


def _facts_from(note: str) -> Facts:
    known = json.loads(note)
    changed = {"words": Words(**known["words"]), "absent": tuple(known["absent"])}
    return Facts(**(known | changed))
