"""From one recording to its vectors: what a worker process does.

Nothing here imports torch: a worker starts in about a second and holds each network once, on one core.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal, cast

import numpy as np
from jaxtyping import Float32, UInt8

from heterophony.clips import Clip, join_words, words_from_name
from heterophony.encoders import (
    Encoder,
    PictureEncoder,
    SoundEncoder,
    WordsEncoder,
    cut,
    load_encoder,
    loudness,
    pool,
    pool_heard,
)
from heterophony.errors import MediaError
from heterophony.media import Limits, SoundStream, Words, iter_frames, read_tags
from heterophony.store.encoder_specs import EncoderSpec

WordsFrom = Literal["anything", "manifest", "none"]
NO_PICTURE = "no picture in it"  # how `iter_frames` says that a file has no video; other troubles refuse the clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a recording beside its vectors.

    Attributes:
        note: Why the result is partial; empty if it is whole.
        seconds: How much sound was decoded.
        words: What the tags inside the file say.
        absent: Modalities that the file does not have.
    """

    note: str = ""
    seconds: float = 0.0
    words: Words = field(default_factory=Words)
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a clip: vectors by modality, and the facts, or None where its file must be opened."""

    vectors: dict[str, Float32[np.ndarray, " _"]]
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class Job:
    """What is still to be done for one clip.

    Attributes:
        clip: The clip.
        want: Modalities without a vector.
        facts: What the store knows of the file; None where it must be opened.
    """

    clip: Clip
    want: tuple[str, ...]
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The vectors that were wanted (those that the clip has), and what is known of the file."""

    vectors: dict[str, Float32[np.ndarray, " _"]]
    facts: Facts


@dataclass(frozen=True, slots=True)
class EmbedOne:
    """Embeds one clip; travels to the workers. Networks are loaded by the first clip that needs them."""

    specs: tuple[EncoderSpec, ...]
    limits: Limits
    words: WordsFrom = "anything"

    def __call__(self, job: Job) -> Outcome:
        """All that `job` wants.

        Raises:
            MediaError: The recording is refused.
        """
        wanted = {spec.modality: spec for spec in self.specs if spec.modality in job.want}
        vectors: dict[str, Float32[np.ndarray, " _"]] = {}
        facts = job.facts or Facts()
        path = job.clip.path
        if path is not None and "sound" in wanted:
            stream = SoundStream(path, cast(SoundEncoder, _encoder(wanted["sound"].name)).rate_hz, self.limits)
            vectors["sound"] = _embed_sound(stream, wanted["sound"])
            facts = replace(facts, note=stream.note, seconds=stream.seconds)
        if path is not None and "pictures" in wanted:
            found = _embed_pictures(path, wanted["pictures"], self.limits)
            vectors |= {} if found is None else {"pictures": found}
            facts = replace(facts, absent=() if found is not None else ("pictures",))
        if path is not None and job.facts is None:
            facts = replace(facts, words=read_tags(path))
        text = text_of(job.clip, facts, self.words)
        if text and "words" in wanted:
            vectors["words"] = cast(WordsEncoder, _encoder(wanted["words"].name)).encode([text])[0]
        return Outcome(vectors, facts)


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


@cache
def _encoder(name: str) -> Encoder:
    return load_encoder(name)


def _embed_sound(stream: SoundStream, spec: EncoderSpec) -> Float32[np.ndarray, " _"]:
    encoder = cast(SoundEncoder, _encoder(spec.name))
    windows = cut(stream, encoder.window, encoder.hop, encoder.batch)
    return pool_heard(((encoder.encode(group), loudness(group)) for group in windows), spec.pooling)


def _embed_pictures(path: Path, spec: EncoderSpec, limits: Limits) -> Float32[np.ndarray, " _"] | None:
    """The pooled vector of a video's frames; None where the file has no picture."""
    encoder = cast(PictureEncoder, _encoder(spec.name))
    frames = (frame for _, frame in iter_frames(path, len(encoder.times), encoder.size, limits))
    try:
        return pool((encoder.encode(group[:, None]) for group in _groups(frames, encoder.batch)), spec.pooling)
    except MediaError as error:
        if str(error).endswith(NO_PICTURE):
            return None
        raise


def _groups(
    frames: Iterator[UInt8[np.ndarray, "height width 3"]], batch: int
) -> Iterator[UInt8[np.ndarray, "n height width 3"]]:
    group: list[UInt8[np.ndarray, "height width 3"]] = []
    for frame in frames:
        group.append(frame)
        if len(group) == batch:
            yield np.stack(group)
            group = []
    if group:
        yield np.stack(group)
