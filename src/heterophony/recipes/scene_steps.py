"""From a recording to what a model says of it step by step, minute by minute."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil, floor, inf
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Float64

from heterophony.errors import ConfigError, MediaError
from heterophony.media import Clock, Limits, LongSound
from heterophony.recipes.classify import calibrated
from heterophony.recipes.samples import Samples
from heterophony.recipes.scene_pictures import picture_minutes
from heterophony.recipes.scene_sound import forms_of, longest_window, sound_minutes
from heterophony.recipes.scene_stream import Stream
from heterophony.recipes.scene_windows import MINUTE_S
from heterophony.recipes.trained import Trained
from heterophony.store.encoder_specs import View, all_parts, read_views
from heterophony.training.ahead import ahead

Vectors = Mapping[str, Sequence[Float32[np.ndarray, " _"] | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """What a model says of the steps that begin in one minute.

    Attributes:
        number: Of the minute.
        probabilities: Calibrated; NaN where no modality was there.
        present: Which modalities were there.
        seconds: How long the recording is; None where that is not known yet. The chunk that knows it is the last.
    """

    number: int
    probabilities: Float64[np.ndarray, "steps classes"]
    present: Bool[np.ndarray, "steps modalities"]
    seconds: float | None


def step_count(end: float, every: float) -> int:
    """How many steps begin before `end` seconds."""
    return max(0, ceil(end / every - 1e-9))


def views_of(model: Trained) -> tuple[View, ...]:
    """The inputs of the model.

    Raises:
        ConfigError: It can neither hear nor see, or its vectors came from elsewhere.
    """
    views = read_views({name: spec.encoder for name, spec in model.recipe.modalities.items()}, Limits())
    if all(view.modality == "words" for view in views):
        raise ConfigError(f"{model.recipe.name}: a track needs a model that hears or sees; this one only reads words")
    return views


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """Watches one recording with one model.

    Attributes:
        path: The recording.
        clock: When its streams begin.
        model: A trained recipe.
        every: Seconds from step to step, > 0.
        context: Seconds of sound and pictures that a step sees, >= 0.
        problems: Takes what is wrong with the recording, once it was read.
    """

    path: Path
    clock: Clock
    model: Trained
    every: float
    context: float
    problems: list[str] = field(default_factory=list)

    def chunks(self, first: int = 0) -> Iterator[Chunk]:
        """The chunks from number `first` on; they are the same wherever the reading begins.

        Sound and pictures are decoded and encoded by a thread each.

        Raises:
            MediaError: The recording is refused.
        """
        views = views_of(self.model)
        parts = all_parts([view for view in views if view.modality == "sound"])
        reach = max(self.context / 2, 2 * longest_window(parts), 2.0)
        with ExitStack() as stack:
            streams = self._streams(views, first, reach, stack)
            if not streams:
                wanted = " and no ".join(dict.fromkeys(view.modality for view in views if view.modality != "words"))
                raise MediaError(f"{self.path}: no {wanted} in it, and {self.model.recipe.name} knows nothing else")
            number = first
            while True:
                for stream in streams.values():
                    stream.forget(number * MINUTE_S - reach)
                    stream.read_until((number + 1) * MINUTE_S + self.every + reach)
                chunk = self._chunk(number, views, streams)
                yield chunk
                if chunk.seconds is not None:
                    return
                number += 1

    def _streams(self, views: Sequence[View], first: int, reach: float, stack: ExitStack) -> dict[str, Stream]:
        """Key of encoder to the stream that has its windows."""
        found: dict[str, Stream] = {}
        sounds = all_parts([view for view in views if view.modality == "sound"])
        if sounds and self.clock.sound is not None:
            begins = self.clock.sound
            tail = ceil(longest_window(sounds)) + 1
            sound = LongSound(self.path, forms_of(sounds), MINUTE_S, tail, _minute(first, reach, begins))
            stack.callback(lambda: self.problems.append(sound.note))
            minutes = stack.enter_context(ahead(sound_minutes(sound, sounds, self.every, begins), depth=1))
            found |= dict.fromkeys((part.key for part in sounds), Stream(minutes, begins))
        if self.clock.pictures is not None:
            begins, stated = self.clock.pictures, self.clock.stated
            for part in all_parts([view for view in views if view.modality == "pictures"]):
                seen = picture_minutes(self.path, part, _minute(first, reach, begins), begins, stated, self.problems)
                found[part.key] = Stream(stack.enter_context(ahead(seen, depth=1)), begins)
        return found

    def _chunk(self, number: int, views: Sequence[View], streams: Mapping[str, Stream]) -> Chunk:
        ends = [stream.ends for stream in streams.values()]
        seconds = max(inf if end is None else end for end in ends)
        steps = range(step_count(number * MINUTE_S, self.every), step_count((number + 1) * MINUTE_S, self.every))
        moments = [(step + 0.5) * self.every for step in steps]
        if seconds <= self.every / 2 and number == 0:
            moments = [seconds / 2]
        moments = [moment for moment in moments if moment < seconds]
        vectors = {view.name: [self._vector(view, streams, moment) for moment in moments] for view in views}
        present = np.array([[one is not None for one in row] for row in vectors.values()], np.bool_).T
        said = self._said(vectors, len(moments))
        last = seconds <= (number + 1) * MINUTE_S
        return Chunk(number, said, present.reshape(len(moments), len(views)), seconds if last else None)

    def _vector(self, view: View, streams: Mapping[str, Stream], moment: float) -> Float32[np.ndarray, " dim"] | None:
        found = {
            part.key: vector
            for part in view.parts
            if part.key in streams
            and (vector := streams[part.key].vector(part.key, part.pooling, moment, self.context)) is not None
        }
        return view.join(found)

    def _said(self, vectors: Vectors, rows: int) -> Float64[np.ndarray, "rows classes"]:
        """What the model says, calibrated."""
        if not rows:
            return np.zeros((0, self.model.taxonomy.n_classes))
        samples = Samples(
            ids=tuple(f"step {row}" for row in range(rows)),
            texts=("",) * rows,
            groups=(None,) * rows,
            target=np.full(rows, -1, np.int64),
            confidence=np.full(rows, np.nan, np.float32),
            sources=("",) * rows,
            vectors={name: _rows(vectors[name], dim) for name, dim in self.model.dims.items()},
            present={name: np.array([one is not None for one in vectors[name]]) for name in self.model.dims},
        )
        return calibrated(self.model, samples, self.model.say(self.model.table(samples)))


def _rows(found: Sequence[Float32[np.ndarray, " _"] | None], dim: int) -> Float32[np.ndarray, "rows dim"]:
    return np.stack([np.zeros(dim, np.float32) if one is None else one for one in found])


def _minute(chunk: int, reach: float, begins: float) -> int:
    """The first minute of a stream that a chunk needs."""
    return max(0, floor((chunk * MINUTE_S - reach - begins) / MINUTE_S))
