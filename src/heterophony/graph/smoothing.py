r"""Spreading what is said of samples over a graph, with nothing trained: what a graph model must beat.

`smooth` averages probabilities over neighbours. `correct_and_smooth` also spreads the errors on the training samples
and then the corrected probabilities: Huang, He, Singh, Lim, Benson, "Combining label propagation and simple models
out-performs graph neural networks", ICLR 2021, equations 4 to 7 (autoscale). Both work on any model's answers.
"""

import numpy as np
from jaxtyping import Bool, Float64, Int
from scipy.sparse import csr_array, diags_array, eye_array

from heterophony.errors import ConfigError
from heterophony.graph.laplacian import degrees, normalised

Said = Float64[np.ndarray, "samples classes"]
"""Probabilities; rows sum to 1."""


def smooth(said: Said, adjacency: csr_array, *, steps: int = 2) -> Said:
    r"""$(\tilde D^{-1} (A + I))^{steps} P$: each step replaces a row by the weighted mean of itself and its neighbours.

    Rows of the result sum to 1.
    """
    mean = diags_array(1 / degrees(adjacency)) @ (adjacency.astype(np.float64) + eye_array(adjacency.shape[0]))
    for _ in range(steps):
        said = mean @ said
    return said


def correct_and_smooth(
    said: Said,
    adjacency: csr_array,
    target: Int[np.ndarray, " samples"],
    training: Bool[np.ndarray, " samples"],
    *,
    correct: float = 0.8,
    smoothing: float = 0.8,
    steps: int = 50,
) -> Said:
    r"""Errors spread and taken off, then the answers spread; both by $X \leftarrow \alpha L X + (1 - \alpha) X_0$.

    Args:
        said: Of every sample.
        adjacency: The graph.
        target: True classes; only those of training samples are read.
        training: Which are training samples.
        correct: alpha of the errors, 0 <= alpha < 1.
        smoothing: alpha of the answers.
        steps: Of each.

    Returns:
        Probabilities. Training samples start from their true class.

    Raises:
        ConfigError: An alpha is outside 0..1, or no sample is a training sample.
    """
    if not (0 <= correct < 1 and 0 <= smoothing < 1) or not training.any():
        raise ConfigError(
            f"correct_and_smooth: correct={correct}, smoothing={smoothing}, {training.sum()} training samples; "
            "wanted 0 <= alpha < 1 and at least one sample"
        )
    spread = normalised(adjacency).astype(np.float64)
    truth = np.eye(said.shape[1])[target[training]]
    error = np.zeros_like(said)
    error[training] = truth - said[training]
    size = np.abs(error[training]).sum(axis=1).mean()
    residual = _propagated(spread, error, correct, steps)
    scale = size / np.maximum(np.abs(residual).sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    scale[scale > 1000] = 1  # no error has come so far: there is none to make as large as the others
    corrected = said + scale * residual
    corrected[training] = truth
    final = np.maximum(_propagated(spread, corrected, smoothing, steps), 0)
    total = final.sum(axis=1, keepdims=True)
    return np.where(total > 0, final / np.where(total > 0, total, 1), said)


def _propagated(spread: csr_array, start: Said, alpha: float, steps: int) -> Said:
    now = start
    for _ in range(steps):
        now = alpha * (spread @ now) + (1 - alpha) * start
    return now
