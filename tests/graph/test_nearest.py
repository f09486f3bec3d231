"""`nearest` against brute force: ties, twins, blocks, both searches, and what does not change the neighbours."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Float32
from torch import Tensor

from heterophony.errors import ConfigError, InputError
from heterophony.graph import nearest as module
from heterophony.graph import search_torch
from heterophony.graph.nearest import SEARCHES, nearest


def brute(queries: Tensor, bank: Tensor, k: int, *, alone: bool) -> tuple[np.ndarray, np.ndarray]:
    """Every distance in float64, sorted by (distance, index)."""
    far = np.linalg.norm(queries.double().numpy()[:, None] - bank.double().numpy()[None], axis=2)
    if alone:
        np.fill_diagonal(far, np.inf)
    order = np.argsort(far, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(far, order, axis=1)


def vectors(rows: int, dim: int, seed: int) -> Float32[Tensor, "rows dim"]:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(rows, dim)).astype(np.float32))


@pytest.mark.parametrize("search", SEARCHES)
def test_equals_brute_force(search: str) -> None:
    bank = vectors(500, 7, 0)
    for queries, alone in ((bank, True), (vectors(40, 7, 1), False)):
        got = nearest(bank, 9, queries=None if alone else queries, search=search)
        index, distance = brute(queries, bank, 9, alone=alone)
        np.testing.assert_array_equal(got.index, index)
        np.testing.assert_allclose(got.distance, distance, rtol=1e-12)


@pytest.mark.parametrize("search", SEARCHES)
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 200), st.integers(1, 70), st.integers(1, 3))
def test_twins_and_ties_go_by_index_however_many_there_are(
    search: str, seed: int, rows: int, k: int, spread: int
) -> None:
    generator = np.random.default_rng(seed)
    # whole numbers, few values: most distances are ties, many are 0
    bank = torch.from_numpy(generator.integers(spread + 1, size=(rows, 3)).astype(np.float32))
    got = nearest(bank, k, search=search)
    index, distance = brute(bank, bank, min(k, rows - 1), alone=True)
    np.testing.assert_array_equal(got.index, index)
    np.testing.assert_allclose(got.distance, distance, rtol=1e-12)


@pytest.mark.parametrize("search", SEARCHES)
def test_far_from_the_origin_the_list_is_still_exact(search: str) -> None:
    bank = vectors(300, 5, 2) * 1e-3 + 1000
    index, _ = brute(bank, bank, 10, alone=True)
    np.testing.assert_array_equal(nearest(bank, 10, search=search).index, index)


def test_blocks_of_any_size_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = torch.cat([vectors(150, 6, 3), torch.zeros(60, 6)])
    whole = nearest(bank, 20)
    for size in (1, 4000):
        monkeypatch.setattr(search_torch, "_AT_ONCE", size)
        monkeypatch.setattr(module, "_AT_ONCE", size)
        part = nearest(bank, 20)
        assert torch.equal(part.index, whole.index)
        assert torch.equal(part.distance, whole.distance)


def test_a_query_does_not_depend_on_its_company() -> None:
    bank, queries = vectors(400, 8, 4), vectors(30, 8, 5)
    together = nearest(bank, 12, queries=queries)
    for row in (0, 17):
        alone = nearest(bank, 12, queries=queries[row : row + 1])
        assert torch.equal(alone.index[0], together.index[row])
        assert torch.equal(alone.distance[0], together.distance[row])


def test_k_is_clamped_to_what_there_is() -> None:
    bank = vectors(5, 2, 6)
    assert nearest(bank, 60).index.shape == (5, 4)
    assert nearest(bank, 60, queries=bank[:2]).index.shape == (2, 5)
    assert nearest(bank, 1, queries=bank).index[:, 0].tolist() == [0, 1, 2, 3, 4]


def test_what_cannot_be_searched_is_refused() -> None:
    bank = vectors(5, 2, 7)
    with pytest.raises(ConfigError, match="k=0"):
        nearest(bank, 0)
    with pytest.raises(ConfigError, match="wanted k >= 1 and one of torch, faiss"):
        nearest(bank, 1, search="annoy")
    with pytest.raises(InputError, match="queries of 3 numbers, a bank of 2"):
        nearest(bank, 1, queries=vectors(2, 3, 8))
    with pytest.raises(InputError, match="not finite"):
        nearest(torch.full((3, 2), torch.nan), 1)
    with pytest.raises(InputError, match="a bank of 1 rows"):
        nearest(bank[:1], 1)
