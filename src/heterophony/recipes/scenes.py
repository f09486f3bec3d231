"""What is to be heard and seen in a recording, over time, by any trained model that hears or sees."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from heterophony.errors import ConfigError, MediaError
from heterophony.media import Clock, read_clock
from heterophony.recipes.scene_journal import SUFFIX, Journal, header_of
from heterophony.recipes.scene_steps import Chunk, Watch
from heterophony.recipes.scene_windows import MINUTE_S
from heterophony.recipes.trained import Trained
from heterophony.report.track import Steps, Track
from heterophony.report.track_file import write_track

CONTEXT_S = 10.0
"""What a step sees where neither the user nor the recipe says it: clips of most collections are about as long."""
SHORTEST_STEP_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSettings:
    """How a track is made; all in seconds.

    Attributes:
        every: From step to step, at least 0.05.
        context: What a step sees, around its middle; >= 0.
        smooth: Probabilities are averaged over so long, around the middle of a step; 0: not.
        shortest: Shorter segments are merged into a neighbour; 0: none.
    """

    every: float = 1.0
    context: float = CONTEXT_S
    smooth: float = 0.0
    shortest: float = 0.0

    def __post_init__(self) -> None:
        """Refuses what cannot be.

        Raises:
            ConfigError: A value is out of its range.
        """
        for name, value in asdict(self).items():
            least = SHORTEST_STEP_S if name == "every" else 0.0
            if not least <= value < float("inf"):
                raise ConfigError(f"--{name} {value:g}: wanted seconds, at least {least:g}")


def context_of(model: Trained) -> float:
    """What the clips were that the model was trained on, as far as its recipe says it, in seconds."""
    segments = model.recipe.rows.segments
    return CONTEXT_S if segments is None else segments.seconds


def scenes(
    path: Path,
    model: Trained,
    source: str,
    output: Path,
    settings: SceneSettings,
    *,
    restart: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Track, str]:
    """Writes the track of one recording, and gives it, with what is wrong with the recording ("" if nothing is).

    A run that was killed goes on where it was when it is called again: finished minutes stand in a journal beside the
    output until that is written. The output has the same bytes as that of a run that was not killed.

    Args:
        path: A video or a sound file.
        model: A trained recipe.
        source: Where it was loaded from, as for `load_model`.
        output: .csv, .json or .vtt; see `report.track_file.write_track`.
        settings: How the track is made.
        restart: Whether to begin anew where there is a journal.
        progress: Called with (done, all) in seconds of the recording.

    Raises:
        ConfigError: The model only reads words.
        InputError: The journal is of another recording, model or option.
        MediaError: The recording is refused.
    """
    watch = Watch(path, read_clock(path), model, settings.every, settings.context)
    with Journal(output.with_name(output.name + SUFFIX), header_of(watch, source), restart=restart) as journal:
        chunks = journal.chunks
        _watch(watch, journal, progress)
        track = Track.of(
            path.name,
            _steps(chunks, model, settings.every),
            every=settings.every,
            smoothed=settings.smooth,
            shortest=settings.shortest,
        )
        write_track(track, output, {"model": model.recipe.name, **asdict(settings)})
        journal.remove()
    return track, "; ".join(one for one in watch.problems if one)


def _watch(watch: Watch, journal: Journal, progress: Callable[[int, int], None] | None) -> None:
    """Puts the chunks that the journal lacks into it."""
    if journal.chunks:
        _tell(journal.chunks[-1], watch.clock, progress)
        if journal.chunks[-1].seconds is not None:
            return
    try:
        for chunk in watch.chunks(len(journal.chunks)):
            journal.add(chunk)
            _tell(chunk, watch.clock, progress)
    except MediaError:  # nothing to go on with
        journal.remove()
        raise


def _tell(chunk: Chunk, clock: Clock, progress: Callable[[int, int], None] | None) -> None:
    if progress is not None:
        done = (chunk.number + 1) * MINUTE_S if chunk.seconds is None else round(chunk.seconds)
        stated = done if clock.stated is None or chunk.seconds is not None else round(clock.stated)
        progress(done, max(done, stated))


def _steps(chunks: list[Chunk], model: Trained, every: float) -> Steps:
    """All steps; the last one ends with the recording."""
    probabilities = np.concatenate([chunk.probabilities for chunk in chunks])
    edges = np.arange(len(probabilities) + 1) * float(every)
    edges[-1] = chunks[-1].seconds
    classes, names = model.taxonomy.classes, model.taxonomy.names
    short = [names.get(key, key) for key in classes]
    return Steps(
        edges=edges,
        classes=tuple(classes),
        names=tuple(short if len(set(short)) == len(short) else map(model.taxonomy.readable, classes)),
        modalities=tuple(model.dims),
        probabilities=probabilities,
        present=np.concatenate([chunk.present for chunk in chunks]),
    )
