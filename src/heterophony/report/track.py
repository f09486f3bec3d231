"""What is to be heard and seen in a recording over time: a track of labels."""

from dataclasses import dataclass
from math import floor

import numpy as np
from jaxtyping import Bool, Float64

from heterophony.predictions.smooth import smooth
from heterophony.predictions.spans import Span, merge_short, spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of time with one label.

    Attributes:
        start: In seconds.
        end: In seconds.
        label: Class.
        name: Of the class, for people.
        probability: The mean of the smoothed probabilities of this class over the steps of the segment.
        modalities: Those that were there in at least one of its steps.
    """

    start: float
    end: float
    label: str
    name: str
    probability: float
    modalities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """What a model says, step by step.

    Attributes:
        edges: When each step begins and the last one ends, in seconds.
        classes: Of the model.
        names: Of the classes, for people.
        modalities: Of the model.
        probabilities: Calibrated, rows sum to 1; NaN where no modality was there.
        present: Which modalities were there.
    """

    edges: Float64[np.ndarray, " edges"]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    modalities: tuple[str, ...]
    probabilities: Float64[np.ndarray, "steps classes"]
    present: Bool[np.ndarray, "steps modalities"]

    def modalities_of(self, first: int, end: int) -> tuple[str, ...]:
        """What was there in any of the steps from `first` to before `end`."""
        there = np.flatnonzero(self.present[first:end].any(axis=0))
        return tuple(self.modalities[number] for number in there.tolist())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """Steps made into segments.

    Attributes:
        file_name: Of the recording.
        steps: What the model says.
        segments: In order; where no modality is there, there is no segment.
    """

    file_name: str
    steps: Steps
    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, file_name: str, steps: Steps, *, every: float, smoothed: float, shortest: float) -> "Track":
        """The track of a recording.

        Args:
            file_name: Of the recording.
            steps: What the model says.
            every: Seconds from step to step.
            smoothed: The steps whose middles are at most half of so many seconds away are averaged; 0: none.
            shortest: Segments of fewer seconds are merged into a neighbour; see `merge_short`.
        """
        smooth_steps = smooth(steps.probabilities, floor(smoothed / 2 / every + 1e-9))
        found = merge_short(spans(smooth_steps), smooth_steps, steps.edges, shortest)
        return cls(
            file_name=file_name, steps=steps, segments=tuple(_segment(one, steps, smooth_steps) for one in found)
        )


def _segment(span: Span, steps: Steps, probabilities: Float64[np.ndarray, "steps classes"]) -> Segment:
    return Segment(
        start=float(steps.edges[span.first]),
        end=float(steps.edges[span.end]),
        label=steps.classes[span.label],
        name=steps.names[span.label],
        probability=float(probabilities[span.first : span.end, span.label].mean()),
        modalities=steps.modalities_of(span.first, span.end),
    )
