"""What one embedding alone says about the class: logistic regression on standardised coordinates, kept as plain arrays.

::

    log_prior = log_softmax(((x - mean) / spread) W + b)

`W, b` minimise cross-entropy + |W|^2 / (2 C). A coordinate that does not vary in training is left out. A class that
training did not have gets the bias `UNSEEN`, never minus infinity. As with the prior from words, the rows that fitted
it must be given values from fits without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, Int, Shaped

from heterophony.encoders.regression import logistic_regression
from heterophony.errors import InputError, ModelError

_ARRAYS = ("mean", "spread", "weights", "bias")


@dataclass(frozen=True, slots=True, eq=False)
class LinearPrior:
    """A fitted prior.

    Attributes:
        mean, spread: Of each coordinate in training.
        weights, bias: Of the regression, on standardised coordinates.
    """

    mean: Float32[np.ndarray, " dim"] = field(repr=False)
    spread: Float32[np.ndarray, " dim"] = field(repr=False)
    weights: Float32[np.ndarray, "dim classes"] = field(repr=False)
    bias: Float32[np.ndarray, " classes"] = field(repr=False)

    @classmethod
    def fit(
        cls, embeddings: Float32[np.ndarray, "n dim"], target: Int[np.ndarray, " n"], n_classes: int, c: float = 0.01
    ) -> "LinearPrior":
        """The prior that explains `target` (class indices, 0 to `n_classes` - 1) by the embeddings.

        Args:
            embeddings: One row per sample.
            target: One class index per row.
            n_classes: Number of classes.
            c: Inverse strength of the quadratic penalty, > 0.

        Raises:
            InputError: No rows, or the lengths differ.
        """
        if len(embeddings) != len(target) or not len(target):
            raise InputError(
                f"a prior from embeddings: {len(embeddings)} rows, {len(target)} targets; want as many, > 0"
            )
        mean, spread = embeddings.mean(axis=0), embeddings.std(axis=0)
        varies = spread > 1e-6
        spread = np.where(varies, spread, 1.0).astype(np.float32)
        weights, bias = _regression(((embeddings - mean) / spread) * varies, target, n_classes, c)
        return cls(mean.astype(np.float32), spread, weights * varies[:, None], bias)

    def log_prior(self, embeddings: Float32[np.ndarray, "n dim"]) -> Float32[np.ndarray, "n classes"]:
        """Log-probabilities of the classes, `[n, classes]`; rows of probabilities sum to 1."""
        from scipy.special import log_softmax

        logits = ((embeddings - self.mean) / self.spread) @ self.weights + self.bias
        return np.asarray(log_softmax(logits.astype(np.float64), axis=1), dtype=np.float32)

    def to_arrays(self) -> dict[str, Shaped[np.ndarray, "..."]]:
        """Everything as arrays, for safetensors or npz."""
        return {name: getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> "LinearPrior":
        """The prior that `to_arrays` gave; numbers may have been stored in a narrower float.

        Raises:
            ModelError: An array is missing, or they do not fit each other.
        """
        missing = set(_ARRAYS) - set(arrays)
        if missing:
            raise ModelError(f"prior from an embedding: arrays {', '.join(sorted(missing))} are missing")
        mean, spread, weights, bias = (np.asarray(arrays[name], dtype=np.float32) for name in _ARRAYS)
        if weights.shape != (len(mean), len(bias)) or len(mean) != len(spread):
            raise ModelError(
                f"prior from an embedding: mean {mean.shape}, spread {spread.shape}, "
                f"weights {weights.shape}, bias {bias.shape} do not fit"
            )
        return cls(mean, spread, weights, bias)


def _regression(
    x: Float32[np.ndarray, "n dim"], target: Int[np.ndarray, " n"], n_classes: int, c: float
) -> tuple[Float32[np.ndarray, "dim classes"], Float32[np.ndarray, " classes"]]:
    """Weights and bias, fitted in the directions that the rows span."""
    rotation = _rotation(x)
    weights, bias = logistic_regression((x @ rotation).astype(np.float64), target, n_classes, c=c)
    return rotation @ weights, bias


def _rotation(x: Float32[np.ndarray, "n dim"]) -> Float32[np.ndarray, "dim fewer"]:
    """Orthonormal directions that hold all rows.

    Of a quadratic penalty the best weights lie in the span of the rows, so with fewer rows than coordinates the fit is
    done, unchanged, in the coordinates of the singular vectors: as many as there are rows.
    """
    if len(x) >= x.shape[1]:
        return np.eye(x.shape[1], dtype=np.float32)
    return np.ascontiguousarray(np.linalg.svd(x, full_matrices=False)[2].T)
