"""What a graph model knows that is like a file: evidence to show beside its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A known sample that a file was attached to.

    Attributes:
        id: Of the sample.
        label: Key of its class; "" where it is not known.
        words: What is known of it in words; "" for none.
        distance: Euclidean, in units of the mean distance of all known samples.
    """

    id: str
    label: str
    words: str
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What a file was attached to.

    Attributes:
        novelty: Share of the known samples that lie nearer to their own neighbours than this file to its, 0..1; of the
            modality in which that is largest. Above 0.95 or so the file is like nothing that the model knows. None
            where nothing is known to compare with.
        nearest: Modality to the nearest known samples, nearest first.
    """

    novelty: float | None
    nearest: Mapping[str, Sequence[Near]]

    def plain(self) -> dict[str, object]:
        """As plain data, for JSON."""
        near = {
            name: [
                {"id": one.id, "label": one.label or None, "words": one.words, "distance": round(one.distance, 4)}
                for one in some
            ]
            for name, some in self.nearest.items()
        }
        return {"novelty": None if self.novelty is None else round(self.novelty, 4), "nearest": near}
