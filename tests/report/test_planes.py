"""Vectors on a plane: the same places for the same seed, neighbours stay neighbours."""

import sys

import numpy as np
import pytest

from heterophony.errors import ConfigError, MissingExtraError
from heterophony.report.planes import SIZE, describe, perplexity, place, purity

LABEL = np.repeat(np.arange(3), 15)


@pytest.fixture(scope="module")
def groups() -> np.ndarray:
    """Three far groups of 15."""
    return 20 * np.eye(6)[LABEL] + np.random.default_rng(0).normal(0, 0.5, (45, 6))


def test_t_sne_fills_the_plane_keeps_groups_and_hangs_on_the_seed_alone(groups: np.ndarray) -> None:
    at = place(groups, "tsne", 0)
    np.testing.assert_allclose(at.min(axis=0), 0)
    np.testing.assert_allclose(at.max(axis=0), SIZE)
    assert purity(at, LABEL) == 1
    np.testing.assert_array_equal(at, place(groups, "tsne", 0))


def test_umap_is_named_where_it_is_not_installed(groups: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'heterophony\[umap\]'"):
        place(groups, "umap", 0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_umap_keeps_groups(groups: np.ndarray) -> None:
    pytest.importorskip("umap")
    assert purity(place(groups, "umap", 0), LABEL) == 1


def test_no_other_method(groups: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="wanted tsne, umap or none"):
        place(groups, "none", 0)


def test_perplexity_is_smaller_than_the_number_of_neighbours_that_there_are() -> None:
    assert perplexity(1000) == 30
    assert perplexity(16) == 5
    assert describe("tsne", 1000, 4) == "t-SNE, perplexity 30, started from the principal components, seed 4"
    assert describe("umap", 10, 4) == "UMAP, 9 neighbours, minimal distance 0.1, seed 4"


def test_purity_counts_the_nearest_neighbours_of_the_same_class() -> None:
    x = np.array([[0.0], [1.0], [1.5], [9.0], [9.5]])
    # Nearest: 0 -> 1, 1 -> 1.5, 1.5 -> 1, 9 -> 9.5, 9.5 -> 9.
    assert purity(x, np.array([0, 0, 1, 2, 2])) == 3 / 5
    assert purity(x, np.array([0, -1, -1, -1, -1])) == 0
