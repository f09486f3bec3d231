"""From one recording to its vectors: what a worker process does.

A worker holds each network once, on one core; torch is imported only where an encoder needs it.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast

import numpy as np
from jaxtyping import Float32

from heterophony.clips import Clip, join_words, words_from_name
from heterophony.encoders import WordsEncoder
from heterophony.errors import AbsentError, MediaError
from heterophony.media import Limits, Words, read_tags
from heterophony.store.encoder_specs import EncoderSpec
from heterophony.store.hear import hear
from heterophony.store.look import look
from heterophony.store.networks import loaded

WordsFrom = Literal["anything", "manifest", "none"]
Vector = Float32[np.ndarray, " _"]
Vectors = dict[str, Vector]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a recording (and of the file of its pictures, if that is another) beside its vectors.

    Attributes:
        note: Why the sound is partial; empty if it is whole.
        pictures_note: Why the pictures are partial; empty if they are whole.
        seconds: How much sound was decoded.
        words: What the tags inside the file say.
        absent: Modalities that the file does not have.
    """

    note: str = ""
    pictures_note: str = ""
    seconds: float = 0.0
    words: Words = field(default_factory=Words)
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a clip: vectors by key of encoder, and the facts, None where its file must be opened."""

    vectors: Vectors
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class Job:
    """What is still to be done for one clip.

    Attributes:
        clip: The clip.
        want: Keys of the encoders that have no vector of it.
        facts: What the store knows of the file; None where it must be opened.
    """

    clip: Clip
    want: tuple[str, ...]
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The vectors that were wanted (those that the clip has), by key of encoder, and what is known of the file."""

    vectors: Vectors
    facts: Facts


@dataclass(frozen=True, slots=True)
class EmbedOne:
    """Embeds one clip; travels to the workers. Networks are loaded by the first clip that needs them."""

    parts: tuple[EncoderSpec, ...]
    limits: Limits
    words: WordsFrom = "anything"

    def __call__(self, job: Job) -> Outcome:
        """All that `job` wants.

        Raises:
            MediaError: The recording is refused.
        """
        vectors: Vectors = {}
        facts = job.facts or Facts()
        if job.clip.path is not None:
            vectors, facts = self._open(job.clip.path, job, facts)
        text = text_of(job.clip, facts, self.words)
        if text:
            for part in self._wanted(job, "words"):
                vectors[part.key] = cast(WordsEncoder, loaded(part.name)).encode([text])[0]
        return Outcome({key: self._as_stored(job, key, vector) for key, vector in vectors.items()}, facts)

    def _open(self, path: Path, job: Job, facts: Facts) -> tuple[Vectors, Facts]:
        """What is to be heard and seen in the file, and its tags."""
        vectors: Vectors = {}
        absent = set(facts.absent)
        sounds, pictures = self._wanted(job, "sound"), self._wanted(job, "pictures")
        if sounds:
            try:
                heard, stream = hear(path, sounds, self.limits, job.clip.stretch)
                vectors |= {part.key: vector for part, vector in zip(sounds, heard, strict=True)}
                facts = replace(facts, note=stream.note, seconds=stream.seconds)
            except AbsentError:
                absent.add("sound")
        try:
            for part in pictures:
                vectors[part.key], note = look(job.clip.pictures_path or path, part, self.limits, job.clip.stretch)
                facts = replace(facts, pictures_note=note)
        except AbsentError:
            absent.add("pictures")
        facts = replace(facts, absent=tuple(sorted(absent)))
        return vectors, facts if job.facts is not None else replace(facts, words=read_tags(path))

    def _wanted(self, job: Job, modality: str) -> list[EncoderSpec]:
        return [part for part in self.parts if part.key in job.want and part.modality == modality]

    def _as_stored(self, job: Job, key: str, vector: Vector) -> Vector:
        """The numbers as a store gives them back, so that a warm run has the same bytes as a cold one."""
        part = next(part for part in self.parts if part.key == key)
        if part.fingerprint.stored_as == "float32":
            return vector
        with np.errstate(over="ignore"):
            kept = vector.astype(part.fingerprint.stored_as).astype(np.float32)
        if not np.isfinite(kept).all():
            name, most = job.clip.file_name or job.clip.id, float(np.abs(vector).max())
            raise MediaError(f"{name}: {part.name} gives {most:.3g}, beyond {part.fingerprint.stored_as}")
        return kept


def text_of(clip: Clip, facts: Facts | None, words: WordsFrom = "anything") -> str | None:
    """The words of a clip: of the manifest, else of the file's tags, else of its name; or of the manifest only.

    "" if there are none, None if the file must be opened to know.
    """
    given = "" if words == "none" else join_words(clip.title, clip.tags, clip.description)
    if given or words != "anything":
        return given
    if clip.path is not None and facts is None:
        return None
    inside = facts.words if facts else Words()
    return join_words(inside.title, inside.tags, inside.description) or words_from_name(clip.file_name)
