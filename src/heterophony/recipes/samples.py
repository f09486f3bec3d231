"""A collection as arrays: what is known of each clip, modality by modality, ready for priors and networks."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int, Num

from heterophony.clips import Clip
from heterophony.errors import InputError
from heterophony.store import Embedded
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """Rows of a collection that could be read.

    Attributes:
        ids: One per row.
        texts: What the words encoder read; "" where there are no words.
        groups: What must stay together (uploader, place); None where unknown.
        target: Class index; -1 where unknown.
        soft: Probability of each class, `[rows, classes]`, in place of `target` for the rows that are not NaN; None
            where no row has any (pseudo-labels).
        confidence: How sure the annotator was, 1 .. 5; NaN where unknown.
        sources: Name of the data set that each row comes from; "" for the collection itself.
        vectors: Modality to embeddings `[rows, dim]`, float32; rows of absent ones are zero. A modality that is to be
            fine-tuned has the number of each recording instead, int64 `[rows, 1]`.
        present: Modality to what is there, `[rows]`.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    groups: tuple[str | None, ...]
    target: Int[np.ndarray, " rows"]
    confidence: Float32[np.ndarray, " rows"]
    sources: tuple[str, ...]
    vectors: Mapping[str, Num[np.ndarray, "rows _"]]
    present: Mapping[str, Bool[np.ndarray, " rows"]]
    soft: Float32[np.ndarray, "rows classes"] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Int[np.ndarray, " taken"]) -> "Samples":
        """The rows at `rows`, in that order."""
        return Samples(
            ids=tuple(self.ids[row] for row in rows),
            texts=tuple(self.texts[row] for row in rows),
            groups=tuple(self.groups[row] for row in rows),
            target=self.target[rows],
            confidence=self.confidence[rows],
            sources=tuple(self.sources[row] for row in rows),
            vectors={name: x[rows] for name, x in self.vectors.items()},
            present={name: there[rows] for name, there in self.present.items()},
            soft=None if self.soft is None else self.soft[rows],
        )


def dims_of(embedded: Sequence[Embedded], names: Sequence[str]) -> dict[str, int]:
    """Modality to the size of its embedding.

    Raises:
        InputError: No clip has that modality, or its vectors differ in size.
    """
    dims = {}
    for name in names:
        sizes = {len(one.vectors[name]) for one in embedded if name in one.vectors}
        if not sizes:
            raise InputError(f"none of {len(embedded)} clips has {name}; leave it out of the recipe's modalities")
        if len(sizes) > 1:
            raise InputError(f"{name}: vectors of {', '.join(map(str, sorted(sizes)))} numbers; all must have as many")
        (dims[name],) = sizes
    return dims


def samples_of(embedded: Sequence[Embedded], dims: Mapping[str, int], taxonomy: Taxonomy | None) -> Samples:
    """Arrays from embedded clips, none of them refused.

    Args:
        embedded: One per row.
        dims: Modality to size of its embedding; the modalities that are wanted, in order.
        taxonomy: Gives labels their index; None leaves all labels unknown.

    Raises:
        InputError: A label is not in the tree (the message names the nearest), or a vector has another size.
    """
    vectors = {name: np.zeros((len(embedded), dim), dtype=np.float32) for name, dim in dims.items()}
    present = {name: np.array([name in one.vectors for one in embedded], dtype=np.bool_) for name in dims}
    for name, x in vectors.items():
        for row in np.flatnonzero(present[name]).tolist():
            vector = embedded[row].vectors[name]
            if len(vector) != x.shape[1]:
                raise InputError(
                    f"clip {embedded[row].clip.id}: {name} has {len(vector)} numbers, the others have {x.shape[1]}"
                )
            x[row] = vector
    clips = [one.clip for one in embedded]
    return Samples(
        ids=tuple(clip.id for clip in clips),
        texts=tuple(one.words for one in embedded),
        groups=tuple(clip.group for clip in clips),
        target=np.array([_index(clip.label, taxonomy) for clip in clips], dtype=np.int64),
        confidence=np.array([confidence_of(clip) for clip in clips], dtype=np.float32),
        sources=("",) * len(clips),
        vectors=vectors,
        present=present,
    )


def confidence_of(clip: Clip) -> float:
    """The manifest's column `confidence`; NaN where there is none.

    Raises:
        InputError: It is no number from 1 to 5.
    """
    text = clip.columns.get("confidence", "").strip()
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 1 <= value <= 5:
        raise InputError(f"clip {clip.id}: confidence {text!r}; wanted a number from 1 to 5, or nothing")
    return value


def _index(label: str | None, taxonomy: Taxonomy | None) -> int:
    return -1 if label is None or taxonomy is None else taxonomy.index(label)


def refuse_unlabelled(samples: Samples) -> None:
    """Refuses a training collection with rows that have no label.

    Raises:
        InputError: Names them.
    """
    lacking = [samples.ids[row] for row in np.flatnonzero(samples.target < 0)]
    if lacking:
        raise InputError(
            f"{len(lacking)} of {len(samples)} clips have no label: {', '.join(lacking[:8])}; "
            "training needs a label for each: fill in the column `label`, or leave those rows out"
        )
