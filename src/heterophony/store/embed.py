"""From a collection to vectors: the heart of `heterophony classify`.

Each clip goes through one worker process from file to vectors (decode, windows, network, pooling; tags and words), so
only vectors travel, memory does not grow with the length of a recording, and a file that crashes its reader is refused
alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32

from heterophony.clips import Clip, words_from_name
from heterophony.errors import MediaError
from heterophony.media import Limits
from heterophony.store.encoder_specs import EncoderSpec, View, all_parts, read_views
from heterophony.store.engines import engine_named
from heterophony.store.groups import embed_in_groups
from heterophony.store.memory import open_memory
from heterophony.store.one_clip import EmbedOne, Facts, Job, Known, Outcome, WordsFrom, text_of
from heterophony.store.shelf import Store


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """One clip and its vectors.

    Attributes:
        clip: The clip.
        status: "ok", "partial" (used, but not all of it could be read) or "refused".
        reason: Why it is partial or refused; empty if ok.
        vectors: View to vector, float32; a view whose modality the clip does not have is not there. Empty if refused.
        words: What the words encoder read; empty if there are none, or words are not used.
        title: The clip's title, else that inside the file, else the words of the file's name.
        seconds: How much sound was decoded.
    """

    clip: Clip
    status: Literal["ok", "partial", "refused"]
    reason: str
    vectors: Mapping[str, Float32[np.ndarray, " _"]]
    words: str
    title: str
    seconds: float


def embed_clips(  # noqa: PLR0913 - the options of the main job
    clips: Sequence[Clip],
    encoders: Mapping[str, str],
    store: Store | None = None,
    *,
    workers: int = 0,
    limits: Limits | None = None,
    words: WordsFrom = "anything",
    engine: str = "local",
    stored_as: str = "float32",
    progress: Callable[[int, int], None] | None = None,
) -> list[Embedded]:
    """The vectors of all clips, in their order, with a status for each.

    A vector depends on its own clip only: not on the others, the order, the number of workers or the process.

    Args:
        clips: What to embed. A clip without a path has only words.
        encoders: View to `name:pooling`, e.g. `{"sound": "yamnet+scores:mean+max", "words": "minilm"}`; several of one
            modality, joined by commas, are concatenated; `imported:NAME` are vectors that the store was given.
        store: Known vectors are taken from it, new ones put into it (every 256 clips, so that a killed run goes on
            where it was). Refused clips are not stored. None: everything is computed and nothing kept.
        workers: Processes; 0 works in this one, without limits of time and memory.
        limits: Of each file.
        words: "anything" takes the words of the clip, else of the tags in its file, else of the file's name; "manifest"
            only those of the clip (the others may give away what is to be learned); "none" leaves the words out.
        engine: In `ENGINES`: "local" works on this machine, "ray" on a cluster.
        stored_as: "float32", or "float16" for half the space; the vectors that are returned are rounded likewise.
        progress: Called with (done, all) at the start and after each clip.

    Raises:
        ConfigError: An encoder, a pooling or an engine is unknown.
        ModelError: Weights are not here or are not the expected ones.
        MissingExtraError: An encoder or the engine needs what is not installed.
        StoreError: The store is damaged, made with other settings, or lacks an imported vector.
    """
    limits = limits or Limits()
    views = [view for view in read_views(encoders, limits, store, stored_as) if _wanted(view, words)]
    parts = all_parts(views)
    memory = open_memory(clips, parts, store, workers, limits, words)
    known = memory.recall(clips)
    results: list[Outcome | MediaError] = [Outcome(before.vectors, before.facts or Facts()) for before in known]
    jobs = {at: job for at, clip in enumerate(clips) if (job := _job(clip, known[at], parts, words))}
    report = progress or _ignore
    report(len(clips) - len(jobs), len(clips))
    work = embed_in_groups(jobs, EmbedOne(parts, limits, words), engine_named(engine), workers)
    try:
        for done, (at, outcome) in enumerate(work, 1):
            results[at] = outcome
            if isinstance(outcome, Outcome):
                memory.keep(at, clips[at], outcome)
                results[at] = Outcome({**known[at].vectors, **outcome.vectors}, outcome.facts)
            report(len(clips) - len(jobs) + done, len(clips))
    finally:
        memory.close()
    reads_words = any(view.modality == "words" for view in views)
    return [
        _embedded(clip, result, words if reads_words else "none", views)
        for clip, result in zip(clips, results, strict=True)
    ]


def _wanted(view: View, words: WordsFrom) -> bool:
    return view.modality != "words" or words != "none"


def _ignore(_done: int, _all: int) -> None:
    """No progress is wanted."""


def _job(clip: Clip, known: Known, parts: Sequence[EncoderSpec], words: WordsFrom) -> Job | None:
    """What is still to be done; None if nothing is."""
    absent = set(known.facts.absent if known.facts else ())
    if clip.path is None:
        absent |= {"sound", "pictures"}
    if text_of(clip, known.facts, words) == "":
        absent.add("words")
    want = tuple(part.key for part in parts if part.key not in known.vectors and part.modality not in absent)
    return Job(clip, want, known.facts) if want else None


def _embedded(clip: Clip, result: Outcome | MediaError, words: WordsFrom, views: Sequence[View]) -> Embedded:
    if isinstance(result, MediaError):
        return _refused(clip, str(result))
    vectors = {view.name: vector for view in views if (vector := view.join(result.vectors)) is not None}
    if not vectors:
        return _refused(clip, f"{clip.id}: {_nothing(clip, views)}")
    note = "; ".join(_notes(result.facts, {view.modality for view in views}))
    text = text_of(clip, result.facts, words) or ""
    status: Literal["ok", "partial"] = "partial" if note else "ok"
    return Embedded(clip, status, note, vectors, text, _title(clip, result.facts), result.facts.seconds)


def _notes(facts: Facts, asked: set[str]) -> Iterator[str]:
    """Why what was asked for is partial. Most recordings have no pictures: only a lack of sound is told."""
    if "sound" in asked and "sound" in facts.absent:
        yield "no sound in it"
    elif "sound" in asked and facts.note:
        yield facts.note
    if "pictures" in asked and facts.pictures_note:
        yield facts.pictures_note


def _nothing(clip: Clip, views: Sequence[View]) -> str:
    """Why there is no vector, where no file is to blame."""
    if not views:
        return "words are not used, and nothing else is asked for"
    asked = dict.fromkeys(view.modality for view in views)
    return f"it has no {' and no '.join(asked)}" if clip.path else "there is no recording and there are no words"


def _refused(clip: Clip, reason: str) -> Embedded:
    return Embedded(clip, "refused", reason, {}, "", _title(clip, Facts()), 0.0)


def _title(clip: Clip, facts: Facts) -> str:
    return clip.title or facts.words.title or words_from_name(clip.file_name)
