"""Attached samples against the dense block matrix, and that they depend on nobody but the bank."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.graph.attach import Attached, Bank, attach
from heterophony.graph.laplacian import degrees
from heterophony.graph.mean_distance import mean_distance
from heterophony.graph.similarity import similarity_graph


@pytest.fixture
def known() -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32))


@pytest.fixture
def new() -> Tensor:
    return torch.from_numpy(np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32))


def bank(known: Tensor) -> Bank:
    graph = similarity_graph(known, k=4)
    return Bank(vectors=known, rows=np.arange(30), degrees=degrees(graph), mu=mean_distance(known))


def at(known: Tensor, new: Tensor, present: list[bool] | None = None, k: int = 4) -> Attached:
    return attach(new, np.array([True] * len(new) if present is None else present), bank(known), k=k)


def test_equals_the_dense_formula(known: Tensor, new: Tensor) -> None:
    given = bank(known)
    far = torch.cdist(new.double(), known.double()).numpy()
    want = np.zeros((5, 35))
    for row in range(5):
        near = np.argsort(far[row])[:4]
        weight = np.exp(-far[row, near] / given.mu)
        degree = 1 + weight.sum()
        want[row, near] = weight / np.sqrt(degree * given.degrees[near])
        want[row, 30 + row] = 1 / degree
    got = at(known, new)
    np.testing.assert_allclose(got.rows.toarray(), want, atol=1e-7)
    np.testing.assert_allclose(got.novelty, np.sort(far, axis=1)[:, :4].mean(axis=1) / given.mu, rtol=1e-5)


def test_a_sample_depends_on_the_bank_alone(known: Tensor, new: Tensor) -> None:
    together, alone = at(known, new), at(known, new[3:4])
    np.testing.assert_array_equal(together.rows[[3]][:, :30].toarray(), alone.rows[:, :30].toarray())
    assert together.rows[3, 33] == alone.rows[0, 30]
    assert together.novelty[3] == alone.novelty[0]


def test_a_copy_of_a_known_sample_finds_it_first(known: Tensor) -> None:
    got = at(known, known[7:9].clone())
    assert got.neighbours.index[:, 0].tolist() == [7, 8]
    assert got.neighbours.distance[:, 0].tolist() == [0, 0]


def test_a_sample_without_the_modality_keeps_itself_only(known: Tensor, new: Tensor) -> None:
    got = at(known, new, [True, False, True, True, True])
    assert got.rows[[1]].toarray()[0].nonzero()[0].tolist() == [31]
    assert got.rows[1, 31] == 1
    assert np.isnan(got.novelty).tolist() == [False, True, False, False, False]
    np.testing.assert_array_equal(got.rows[[0]].toarray(), at(known, new).rows[[0]].toarray())


def test_neighbours_are_counted_among_all_samples_of_the_bank(known: Tensor, new: Tensor) -> None:
    held = np.arange(0, 30, 2)  # every second sample has the modality
    full = np.ones(30)
    full[held] = degrees(similarity_graph(known[held], k=4))
    given = Bank(vectors=known[held], rows=held, degrees=full, mu=1.0)
    got = attach(new, np.ones(5, dtype=bool), given, k=3)
    assert (got.neighbours.index % 2 == 0).all()
    assert isinstance(got.rows, csr_array)
    assert got.rows.shape == (5, 35)
    far = torch.cdist(new, known[held]).argmin(dim=1)
    assert got.neighbours.index[:, 0].tolist() == held[far.numpy()].tolist()
