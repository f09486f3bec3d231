"""Attached samples against the dense block matrix, and that they depend on nobody but the bank."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.graph.attach import Bank, Links, attached, links, links_among
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
    return Bank(vectors=known, rows=np.arange(30), samples=30, mu=mean_distance(known))


def at(known: Tensor, new: Tensor, present: list[bool] | None = None) -> Links:
    return links(new, np.array([True] * len(new) if present is None else present), bank(known), k=4)


def rows_of(known: Tensor, found: Links) -> csr_array:
    return attached(found.weights, degrees(similarity_graph(known, k=4)))


def test_equals_the_dense_formula(known: Tensor, new: Tensor) -> None:
    mu, own = mean_distance(known), degrees(similarity_graph(known, k=4))
    far = torch.cdist(new.double(), known.double()).numpy()
    want = np.zeros((5, 35))
    for row in range(5):
        near = np.argsort(far[row])[:4]
        weight = np.exp(-far[row, near] / mu)
        degree = 1 + weight.sum()
        want[row, near] = weight / np.sqrt(degree * own[near])
        want[row, 30 + row] = 1 / degree
    got = at(known, new)
    np.testing.assert_allclose(rows_of(known, got).toarray(), want, atol=1e-7)
    np.testing.assert_allclose(got.novelty, np.sort(far, axis=1)[:, :4].mean(axis=1) / mu, rtol=1e-5)


def test_a_sample_depends_on_the_bank_alone(known: Tensor, new: Tensor) -> None:
    together, alone = at(known, new), at(known, new[3:4])
    many, one = rows_of(known, together), rows_of(known, alone)
    np.testing.assert_array_equal(many[[3]][:, :30].toarray(), one[:, :30].toarray())
    assert many[3, 33] == one[0, 30]
    assert together.novelty[3] == alone.novelty[0]


def test_a_copy_of_a_known_sample_finds_it_first(known: Tensor) -> None:
    got = at(known, known[7:9].clone())
    assert got.neighbours[:, 0].tolist() == [7, 8]
    assert got.distance[:, 0].tolist() == [0, 0]
    assert got.weights[0, 7] == 1


def test_a_sample_without_the_modality_keeps_itself_only(known: Tensor, new: Tensor) -> None:
    got = at(known, new, [True, False, True, True, True])
    rows = rows_of(known, got)
    assert rows[[1]].toarray()[0].nonzero()[0].tolist() == [31]
    assert rows[1, 31] == 1
    assert np.isnan(got.novelty).tolist() == [False, True, False, False, False]
    np.testing.assert_array_equal(rows[[0]].toarray(), rows_of(known, at(known, new))[[0]].toarray())


def test_neighbours_are_counted_among_all_samples_of_the_bank(known: Tensor, new: Tensor) -> None:
    held = np.arange(0, 30, 2)  # every second sample has the modality
    given = Bank(vectors=known[held], rows=held, samples=30, mu=1.0)
    got = links(new, np.ones(5, dtype=bool), given, k=3)
    assert (got.neighbours % 2 == 0).all()
    assert got.weights.shape == (5, 30)
    far = torch.cdist(new, known[held]).argmin(dim=1)
    assert got.neighbours[:, 0].tolist() == held[far.numpy()].tolist()


def test_samples_of_one_clip_may_see_each_other_and_no_others(known: Tensor, new: Tensor) -> None:
    clips = np.array([0, 0, 1, 1, 1])
    among = links_among(new, clips, 2.0)
    want = np.exp(-torch.cdist(new.double(), new.double()).numpy() / 2.0) * (clips[:, None] == clips)
    np.fill_diagonal(want, 0)
    np.testing.assert_allclose(among.toarray(), want, rtol=1e-5)
    found, own = at(known, new), degrees(similarity_graph(known, k=4))
    got = attached(found.weights, own, among).toarray()
    whole = np.concatenate([found.weights.toarray(), want + np.eye(5)], axis=1)
    scale = 1 / np.sqrt(whole.sum(axis=1))
    np.testing.assert_allclose(got, scale[:, None] * whole * np.concatenate([1 / np.sqrt(own), scale]), atol=1e-6)
    assert links_among(new, np.arange(5), 2.0).nnz == 0
