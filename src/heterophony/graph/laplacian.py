r"""The normalised matrix by which a graph convolution averages over neighbours.

Source: T. N. Kipf, M. Welling, "Semi-supervised classification with graph convolutional networks", ICLR 2017, section
2.2 (the renormalisation trick), as in multimodal graph fusion: $L = \tilde D^{-1/2} \tilde A \tilde D^{-1/2}$ with
$\tilde A = A + I$ and $\tilde D$ its row sums. Its eigenvalues lie in (-1, 1]; an empty graph gives the identity.
"""

import numpy as np
from jaxtyping import Bool, Float64
from scipy.sparse import csr_array, diags_array, eye_array

from heterophony.errors import AlignmentError


def normalised(adjacency: csr_array, present: Bool[np.ndarray, " samples"] | None = None) -> csr_array:
    """L of a graph, float32 `[samples, samples]`.

    Args:
        adjacency: Weights >= 0 without self loops. Of a directed graph row i lists the sources of i; both ends are
            divided by their own row sums.
        present: False for samples that lack the modality: they lose their edges and keep their self loop.

    Raises:
        AlignmentError: `present` has another length.
    """
    kept = adjacency if present is None else without(adjacency, present)
    scale = diags_array(1 / np.sqrt(degrees(kept)))
    whole = kept.astype(np.float64) + eye_array(kept.shape[0], format="csr")
    made = csr_array(scale @ whole @ scale).astype(np.float32)
    made.sort_indices()
    return made


def degrees(adjacency: csr_array) -> Float64[np.ndarray, " samples"]:
    """Row sums of A + I."""
    return np.asarray(adjacency.astype(np.float64).sum(axis=1)) + 1


def without(adjacency: csr_array, present: Bool[np.ndarray, " samples"]) -> csr_array:
    """The graph without the edges of absent samples."""
    if len(present) != adjacency.shape[0]:
        raise AlignmentError(f"normalised: {len(present)} flags for {adjacency.shape[0]} samples; give one each")
    there = diags_array(present.astype(adjacency.dtype))
    kept = csr_array(there @ adjacency @ there)
    kept.eliminate_zeros()
    return kept
