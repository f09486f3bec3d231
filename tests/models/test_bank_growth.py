"""A bank that grows and shrinks is the bank that is built at once with the same units."""

import numpy as np
import pytest
import torch
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import AlignmentError, InputError
from heterophony.models.bank_growth import grown, shrunk
from heterophony.models.node_bank import GraphSettings, NodeBank, node_bank


def batch(views: list[Tensor], rows: slice) -> Batch:
    inputs = {name: view[rows].float() for name, view in zip(("sound", "words"), views, strict=True)}
    count = len(inputs["sound"])
    present = torch.ones(count, 2, dtype=torch.bool)
    present[::7, 0] = False
    present[3::7, 1] = False
    return Batch(inputs=inputs, present=present, target=torch.ones(count, 1), weight=torch.ones(count))


def by_hand(bank: NodeBank, scaled: list[np.ndarray], present: np.ndarray, groups: list[str]) -> list[np.ndarray]:
    """The union graph of each modality, slowly: every pair, ties by index."""
    made = []
    for place, (x, mu) in enumerate(zip(scaled, bank.mu.values(), strict=True)):
        graph = np.zeros((len(x), len(x)))
        there = np.flatnonzero(present[:, place])
        for row in there:
            far = [(float(np.linalg.norm(x[row] - x[other])), other) for other in there if other != row]
            for d, other in sorted(far)[: bank.settings.k]:
                graph[row, other] = graph[other, row] = np.exp(-d / mu)
        made.append(graph * (np.array(groups)[:, None] != np.array(groups)))
    return made


@pytest.mark.parametrize("scale", ["none", "zscore", "l2"])
def test_a_grown_bank_has_the_edges_of_one_that_is_made_by_hand_in_its_units(views: list[Tensor], scale: str) -> None:
    groups = [str(row // 3) for row in range(40)]
    old, new = batch(views, slice(0, 28)), batch(views, slice(28, 40))
    bank = node_bank(old, GraphSettings(k=4, scale=scale), groups[:28])  # type: ignore[arg-type]
    made = grown(bank, new, groups)
    assert made.mu == bank.mu
    both = [torch.cat([x, bank.scaled(new)[name]]).double().numpy() for name, x in bank.vectors.items()]
    present = torch.cat([old.present, new.present]).numpy()
    want = by_hand(bank, both, present, groups)
    for got, graph in zip(made.adjacency, want, strict=True):
        np.testing.assert_allclose(got.toarray(), graph, atol=1e-6)
    kept = [graph.toarray()[:28, :28] > 0 for graph in made.adjacency]
    assert any((was.toarray() > 0)[~now].any() for was, now in zip(bank.adjacency, kept, strict=True))  # old rows too


def same(one: NodeBank, other: NodeBank) -> bool:
    if not torch.equal(one.present, other.present) or one.mu != other.mu:
        return False
    edges = all(abs(a - b).nnz == 0 for a, b in zip(one.adjacency, other.adjacency, strict=True))
    vectors = all(torch.equal(x, other.vectors[name]) for name, x in one.vectors.items())
    return edges and vectors and torch.equal(one.novelty.nan_to_num(-1), other.novelty.nan_to_num(-1))


def test_what_was_added_and_is_removed_leaves_nothing_behind(views: list[Tensor]) -> None:
    bank = node_bank(batch(views, slice(0, 28)), GraphSettings(k=4, scale="zscore"))
    larger = grown(bank, batch(views, slice(28, 40)))
    assert not same(larger, bank)
    assert same(shrunk(larger, torch.arange(28, 40)), bank)
    steps = grown(grown(bank, batch(views, slice(28, 35))), batch(views, slice(35, 42)))
    at_once = grown(bank, batch(views, slice(28, 35)))
    assert same(shrunk(steps, torch.arange(35, 40)), at_once)


def test_the_answer_to_a_new_sample_is_that_of_the_bank_without_the_removed(views: list[Tensor]) -> None:
    new, whole = batch(views, slice(36, 40)), batch(views, slice(0, 36))
    left = shrunk(node_bank(whole, GraphSettings(k=4)), torch.tensor([5, 6, 20]))
    found = left.links(left.scaled(new), new.present)
    stay = [row for row in range(36) if row not in (5, 6, 20)]
    for (name, x), one in zip(whole.inputs.items(), found, strict=True):
        place = list(whole.inputs).index(name)
        rows = [row for row in stay if whole.present[row, place]]
        nearest = torch.cdist(new.inputs[name].double(), x[rows].double()).argsort(dim=1)[:, :4]
        there = new.present[:, place].numpy()
        want = np.array([[stay.index(rows[i]) for i in near] for near in nearest.tolist()])
        np.testing.assert_array_equal(one.neighbours[there], want[there])


def test_novelty_is_the_mean_distance_to_the_others_outside_the_group(views: list[Tensor]) -> None:
    given = batch(views, slice(0, 40))
    far = torch.cdist(views[1], views[1]).numpy()
    there = given.present[:, 1].numpy()
    far[:, ~there] = np.inf
    np.fill_diagonal(far, np.inf)
    groups = [str(row // 4) for row in range(40)]
    alone, apart = node_bank(given, GraphSettings(k=5)), node_bank(given, GraphSettings(k=5), groups)
    for row in np.flatnonzero(there):
        near = np.argsort(far[row])[:5]
        other = [d for d in near if groups[d] != groups[row]]
        mu = alone.mu["words"]
        assert float(alone.novelty[row, 1]) == pytest.approx(far[row, near].mean() / mu, rel=1e-5)
        assert float(apart.novelty[row, 1]) == pytest.approx(far[row, other].mean() / mu, rel=1e-5)
    assert bool(alone.novelty[~given.present].isnan().all())


def test_what_cannot_join_or_leave_is_refused(views: list[Tensor]) -> None:
    bank = node_bank(batch(views, slice(0, 20)), GraphSettings(k=4))
    new = batch(views, slice(20, 24))
    other = Batch(
        inputs={"sound": new.inputs["sound"]}, present=new.present[:, :1], target=new.target, weight=new.weight
    )
    with pytest.raises(InputError, match=r"vectors of \{'sound': 6, 'words': 4\}; 4 samples with \{'sound': 6\}"):
        grown(bank, other)
    with pytest.raises(AlignmentError, match="20 groups for 24 samples"):
        grown(bank, new, ["a"] * 20)
    with pytest.raises(InputError, match="rows 3 to 20 of a bank of 20 samples"):
        shrunk(bank, torch.tensor([3, 20]))
    with pytest.raises(InputError, match="a graph needs two or more"):
        shrunk(bank, torch.arange(19))
