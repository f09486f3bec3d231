"""Vectors on a plane: t-SNE or UMAP, seeded; the same vectors and seed give the same places.

t-SNE: L. van der Maaten, G. Hinton, "Visualizing data using t-SNE", JMLR 9, 2008, by scikit-learn, started from the
principal components. UMAP: L. McInnes, J. Healy, J. Melville, arXiv:1802.03426, by umap-learn (extra `umap`).
"""

from typing import Literal

import numpy as np
from jaxtyping import Float64, Num

from heterophony.errors import ConfigError
from heterophony.extras import import_extra
from heterophony.predictions.evidence import principal

Method = Literal["tsne", "umap", "none"]

SIZE = 500.0
"""Width and height of the plane."""
PERPLEXITY = 30.0
NEIGHBOURS = 15


def describe(method: Method, rows: int, seed: int) -> str:
    """How the drawing is made, in words."""
    if method == "umap":
        return f"UMAP, {min(NEIGHBOURS, rows - 1)} neighbours, minimal distance 0.1, seed {seed}"
    return f"t-SNE, perplexity {perplexity(rows):g}, started from the principal components, seed {seed}"


def perplexity(rows: int) -> float:
    """`PERPLEXITY`, or a third of the rows where they are few."""
    return min(PERPLEXITY, (rows - 1) // 3)


def place(x: Num[np.ndarray, "rows dim"], method: Method, seed: int) -> Float64[np.ndarray, "rows 2"]:
    """Puts vectors on a plane, scaled to fill `SIZE` x `SIZE`. The same vectors and seed give the same places.

    Raises:
        ConfigError: There is no such method.
        MissingExtraError: UMAP is not installed.
    """
    from threadpoolctl import threadpool_limits

    made = principal(x).astype(np.float32)
    with threadpool_limits(1):  # sums in one order
        if method == "tsne":
            from sklearn.manifold import TSNE

            model = TSNE(perplexity=perplexity(len(x)), init="pca", random_state=seed)
        elif method == "umap":
            umap = import_extra("umap", "umap")
            model = umap.UMAP(n_neighbors=min(NEIGHBOURS, len(x) - 1), min_dist=0.1, random_state=seed, n_jobs=1)
        else:
            raise ConfigError(f"map {method!r}: wanted tsne, umap or none")
        found = np.asarray(model.fit_transform(made), dtype=np.float64)
    low, high = found.min(axis=0), found.max(axis=0)
    return np.asarray((found - low) / np.maximum(high - low, 1e-12) * SIZE)


def purity(x: Float64[np.ndarray, "rows dim"], label: Num[np.ndarray, " rows"]) -> float:
    """Share of the labelled rows whose nearest labelled neighbour (Euclidean) has the same label; 0 of a single row."""
    from sklearn.neighbors import NearestNeighbors

    known = np.flatnonzero(label >= 0)
    if len(known) < 2:
        return 0.0
    near = NearestNeighbors(n_neighbors=1).fit(x[known]).kneighbors(return_distance=False)[:, 0]
    return float((label[known][near] == label[known]).mean())
