"""Known samples: scaling, absent modalities, groups, and every mixture of graphs against dense matrices."""

import numpy as np
import pytest
import torch
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import InputError
from heterophony.graph.similarity import similarity_graph
from heterophony.models.node_bank import GraphSettings, mean_of, node_bank


def batch(views: list[Tensor], present: Tensor | None = None) -> Batch:
    there = torch.ones(len(views[0]), 2, dtype=torch.bool) if present is None else present
    inputs = {name: view.float() for name, view in zip(("sound", "words"), views, strict=True)}
    return Batch(
        inputs=inputs, present=there, target=torch.eye(2)[torch.arange(len(there)) % 2], weight=torch.ones(len(there))
    )


@pytest.fixture
def known(views: list[Tensor]) -> Batch:
    return batch([view[:30] for view in views])


@pytest.fixture
def new(views: list[Tensor]) -> Batch:
    return batch([view[30:] for view in views])


def dense(a: np.ndarray) -> np.ndarray:
    whole = a + np.eye(len(a))
    root = np.diag(whole.sum(axis=1) ** -0.5)
    return np.asarray(root @ whole @ root)


def test_graphs_are_those_of_each_modality_or_their_mean(known: Batch) -> None:
    a, b = (similarity_graph(x, k=4).toarray().astype(np.float64) for x in known.inputs.values())
    want = {
        "separate": [dense(a), dense(b)],
        "adjacency": [dense((a + b) / 2)],
        "laplacian": [(dense(a) + dense(b)) / 2],
    }
    for mix, matrices in want.items():
        bank = node_bank(known, GraphSettings(k=4, mix=mix))  # type: ignore[arg-type]
        made = bank.laplacians()
        assert len(made) == len(bank.features(bank.vectors)) == bank.presence(bank.present).shape[1]
        for got, matrix in zip(made, matrices, strict=True):
            np.testing.assert_allclose(got.toarray(), matrix, atol=1e-6)


@pytest.mark.parametrize("mix", ["separate", "adjacency", "laplacian"])
def test_attached_rows_are_those_of_the_dense_block_matrix(known: Batch, new: Batch, mix: str) -> None:
    bank = node_bank(known, GraphSettings(k=4, mix=mix))  # type: ignore[arg-type]
    weights, adjacency = [], []
    for name, x in known.inputs.items():
        far = torch.cdist(new.inputs[name].double(), x.double()).numpy()
        w = np.zeros_like(far)
        for row, near in enumerate(np.argsort(far, axis=1)[:, :4]):
            w[row, near] = np.exp(-far[row, near] / bank.mu[name])
        weights.append(w)
        adjacency.append(similarity_graph(x, k=4).toarray().astype(np.float64))

    def rows(w: np.ndarray, a: np.ndarray) -> np.ndarray:
        degree, own = 1 + w.sum(axis=1), 1 + a.sum(axis=1)
        return np.concatenate([w / np.sqrt(degree[:, None] * own), np.diag(1 / degree)], axis=1)

    pairs = list(zip(weights, adjacency, strict=True))
    want = {
        "separate": [rows(*pair) for pair in pairs],
        "adjacency": [rows(sum(weights) / 2, sum(adjacency) / 2)],
        "laplacian": [sum(rows(*pair) for pair in pairs) / 2],
    }[mix]
    given = bank.attach(bank.nodes(), new)
    x = torch.randn(40, 3, generator=torch.Generator().manual_seed(0))
    for got, matrix in zip(given.asked, want, strict=True):
        np.testing.assert_allclose(got @ x, matrix @ x.double().numpy(), atol=1e-5)
    assert given.rows.tolist() == list(range(30, 40))


def test_vectors_are_scaled_by_the_numbers_of_the_bank(known: Batch, new: Batch) -> None:
    bank = node_bank(known, GraphSettings(k=4, scale="zscore"))
    x = known.inputs["sound"]
    torch.testing.assert_close(bank.vectors["sound"].mean(dim=0), torch.zeros(6), atol=1e-6, rtol=0)
    torch.testing.assert_close(bank.vectors["sound"].std(dim=0, correction=0), torch.ones(6))
    want = (new.inputs["sound"] - x.mean(dim=0)) / x.std(dim=0, correction=0)
    torch.testing.assert_close(bank.scaled(new)["sound"], want)
    unit = node_bank(known, GraphSettings(k=4, scale="l2"))
    torch.testing.assert_close(unit.scaled(new)["words"].norm(dim=1), torch.ones(10))
    constant = batch([torch.cat([torch.ones(30, 1), x[:, 1:]], dim=1), known.inputs["words"]])
    assert bool(node_bank(constant, GraphSettings(k=4, scale="zscore")).vectors["sound"].isfinite().all())


def test_who_lacks_a_modality_has_no_edges_there_and_what_stands_there_does_not_matter(views: list[Tensor]) -> None:
    present = torch.ones(40, 2, dtype=torch.bool)
    present[[3, 8], 1] = False
    spoilt = [views[0], views[1].clone()]
    spoilt[1][[3, 8]] = 1e6
    one, other = (node_bank(batch(x, present), GraphSettings(k=4, scale="zscore")) for x in (views, spoilt))
    edges = one.adjacency[1]
    assert not edges[[3, 8]].nnz
    assert not edges[:, [3, 8]].nnz
    assert abs(edges - other.adjacency[1]).sum() == 0
    assert torch.equal(one.vectors["words"], other.vectors["words"])
    rows = [row for row in range(40) if row not in (3, 8)]
    there = one.vectors["words"][rows]
    assert abs(edges[rows][:, rows] - similarity_graph(there, k=4)).sum() == 0
    present[:, 1] = False
    with pytest.raises(InputError, match="words: 0 of 40 samples have it"):
        node_bank(batch(views, present), GraphSettings())


def test_samples_of_a_group_are_not_linked(known: Batch) -> None:
    groups = [str(row % 3) for row in range(30)]
    for graph in node_bank(known, GraphSettings(k=6), groups).adjacency:
        assert all(row % 3 != column % 3 for row, column in zip(*graph.nonzero(), strict=True))


def test_the_mean_of_one_is_itself(known: Batch) -> None:
    graph = node_bank(known, GraphSettings(k=4)).adjacency[0]
    assert mean_of([graph]) is graph
