"""A prior from sound, also for classes with few recordings or none: regression mixed with a bridge from AudioSet.

::

    P(c | x) = (1 - share) P_regression(c | x) + share * sum_k a_k B[k, c] / sum_k a_k

`a` are the scores of the 521 AudioSet classes, the mean over the clip, and `B[k, c] = P(class c | AudioSet class k)`,
learned from sounds that carry both labels. Where the regression has seen no recording of a class, the bridge still
gives it its share. Ours.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Shaped

from heterophony.encoders.audioset_classes import audioset_classes
from heterophony.encoders.linear_prior import LinearPrior
from heterophony.errors import InputError, ModelError

SCORES = slice(1024, 1545)
"""Where the mean scores stand in the embedding `yamnet+scores:mean`, and in every pooling that begins with the mean."""
FLOOR = 1e-5
_PREFIX = "linear."


@dataclass(frozen=True, slots=True, eq=False)
class BridgedPrior:
    """A fitted prior.

    Attributes:
        linear: The regression.
        bridge: P(class | AudioSet class), rows sum to 1.
        share: Weight of the bridge, 0..1.
    """

    linear: LinearPrior
    bridge: Float32[np.ndarray, "audioset classes"] = field(repr=False)
    share: float

    def log_prior(self, embeddings: Float32[np.ndarray, "n dim"]) -> Float32[np.ndarray, "n classes"]:
        """Log-probabilities of the classes, `[n, classes]`; none is below log(`FLOOR`) by much.

        Raises:
            ModelError: The embeddings do not hold AudioSet scores.
        """
        crossed = cross(self.bridge, embeddings)
        mixed = (1 - self.share) * np.exp(self.linear.log_prior(embeddings)) + self.share * crossed
        floored = mixed + FLOOR
        return np.asarray(np.log(floored / floored.sum(axis=1, keepdims=True)), dtype=np.float32)

    def to_arrays(self) -> dict[str, Shaped[np.ndarray, "..."]]:
        """Everything as arrays, for safetensors or npz."""
        linear = {f"{_PREFIX}{name}": array for name, array in self.linear.to_arrays().items()}
        return {"bridge": self.bridge, "share": np.array([self.share], dtype=np.float32), **linear}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> "BridgedPrior":
        """The prior that `to_arrays` gave.

        Raises:
            ModelError: An array is missing, or they do not fit each other.
        """
        if not {"bridge", "share"} <= set(arrays):
            raise ModelError("bridged prior: the arrays bridge and share are wanted; the model is incomplete")
        linear = {name.removeprefix(_PREFIX): x for name, x in arrays.items() if name.startswith(_PREFIX)}
        bridge = np.asarray(arrays["bridge"], dtype=np.float32)
        prior = cls(LinearPrior.from_arrays(linear), bridge, float(arrays["share"][0]))
        if bridge.shape[1] != len(prior.linear.bias):
            raise ModelError(f"bridged prior: bridge {bridge.shape}, regression to {len(prior.linear.bias)} classes")
        return prior


def cross(
    bridge: Float32[np.ndarray, "audioset classes"], embeddings: Float32[np.ndarray, "n dim"]
) -> Float32[np.ndarray, "n classes"]:
    """What the bridge alone says: probabilities, rows sum to 1.

    Raises:
        ModelError: The embeddings do not hold AudioSet scores where they should.
    """
    scores = embeddings[:, SCORES]
    if scores.shape[1] != len(bridge) or (scores < 0).any() or (scores > 1).any():
        raise ModelError(
            f"the bridge reads AudioSet scores (0..1) in columns {SCORES.start} to {SCORES.stop} of the embedding, got "
            f"{embeddings.shape[1]} columns without them; use the encoder yamnet+scores, pooled by a mean first"
        )
    crossed = (scores + FLOOR) @ bridge
    return np.asarray(crossed / crossed.sum(axis=1, keepdims=True), dtype=np.float32)


def read_bridge(source: str, classes: Sequence[str]) -> Float32[np.ndarray, "audioset classes"]:
    """P(class | AudioSet class) from a table with the columns `mid` and one for each class.

    Args:
        source: `audioset-bst` (comes with the package), or the path of a CSV.
        classes: The classes, in order.

    Raises:
        InputError: No such table, or a class, an AudioSet class or a number is missing, or a row does not sum to 1.
    """
    own = files("heterophony.encoders") / "bridges" / f"{source}.csv"
    text = own.read_text(encoding="utf-8") if own.is_file() else _read(Path(source))
    rows = {row["mid"]: row for row in csv.DictReader(text.splitlines())}
    try:
        bridge = np.array([[float(rows[one.mid][key]) for key in classes] for one in audioset_classes()], np.float32)
    except KeyError as error:
        raise InputError(f"bridge {source}: no row or column {error}; wanted `mid` and {', '.join(classes)}") from error
    except ValueError as error:
        raise InputError(f"bridge {source}: {error}; wanted probabilities") from error
    if not np.allclose(bridge.sum(axis=1), 1, atol=1e-3) or (bridge < 0).any():
        raise InputError(f"bridge {source}: the rows must be probabilities that sum to 1")
    return bridge


def _read(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"bridge {path}: no such table; name one of the package (audioset-bst) or give a CSV")
    return path.read_text(encoding="utf-8")
