"""`nodes`: features spread once, rows cut out."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array, hstack, vstack
from torch import Tensor, nn

from heterophony.errors import AlignmentError
from heterophony.graph.attach import Bank, attached, links
from heterophony.graph.laplacian import degrees, normalised
from heterophony.graph.mean_distance import mean_distance
from heterophony.graph.similarity import similarity_graph
from heterophony.models.at_gcn import AtGcn
from heterophony.models.dm_gcn import DmGcn
from heterophony.models.nodes import nodes, with_attached


def test_features_are_spread_once_and_rows_are_those_asked_for(views: list[Tensor], graphs: list[csr_array]) -> None:
    rows = torch.tensor([7, 3, 11])
    given = nodes(views, graphs, rows=rows)
    for view, graph, first, asked in zip(views, graphs, given.first, given.asked, strict=True):
        spread = torch.from_numpy(graph.toarray()) @ view
        torch.testing.assert_close(first, spread)
        torch.testing.assert_close(asked @ view, spread[rows])


def test_what_an_absent_sample_holds_does_not_matter(views: list[Tensor], graphs: list[csr_array]) -> None:
    present = torch.ones(40, 1, dtype=torch.bool)
    present[5] = False
    spoilt = views[0].clone()
    spoilt[5] = 1e9
    one, other = (nodes([view], graphs[:1], present) for view in (views[0], spoilt))
    assert torch.equal(one.first[0], other.first[0])


def test_graphs_of_other_samples_are_refused(views: list[Tensor], graphs: list[csr_array]) -> None:
    with pytest.raises(AlignmentError, match="2 tables of 40 samples, but graphs of shapes"):
        nodes(views, graphs[:1])
    with pytest.raises(AlignmentError, match=r"\(39, 39\)"):
        nodes(views[:1], [csr_array(graphs[0][:39][:, :39])])


@pytest.mark.parametrize("kind", ["dm", "at"])
def test_attached_samples_get_what_the_dense_block_matrix_gives(views: list[Tensor], kind: str) -> None:
    known, new = [view[:34] for view in views], [view[34:] for view in views]
    present = torch.ones(6, 2, dtype=torch.bool)
    present[2, 1] = False
    graphs, rows = [], []
    for place, (old, view) in enumerate(zip(known, new, strict=True)):
        graph = similarity_graph(old.float(), k=5)
        bank = Bank(vectors=old.float(), rows=np.arange(34), samples=34, mu=mean_distance(old.float()))
        graphs.append(normalised(graph).astype(np.float64))
        found = links(view.float(), present[:, place].numpy(), bank, k=5)
        rows.append(attached(found.weights, degrees(graph)).astype(np.float64))
    torch.manual_seed(0)
    model: nn.Module = DmGcn(10, 3, 2, (8, 5)) if kind == "dm" else AtGcn((6, 4), 3, (8, 5))
    model = model.double().eval()
    old_x, new_x = [torch.cat(one, dim=1) for one in (known, new)]
    old_features, new_features = ([old_x] * 2, [new_x] * 2) if kind == "dm" else (known, new)
    given = with_attached(nodes(old_features, graphs), old_features, new_features, rows, present)
    blocks = [
        csr_array(vstack([hstack([top, csr_array((34, 6))]), low])) for top, low in zip(graphs, rows, strict=True)
    ]
    everything = torch.cat([torch.ones(34, 2, dtype=torch.bool), present])
    both = [torch.cat(pair) for pair in zip(old_features, new_features, strict=True)]
    want = model(nodes(both, blocks, everything)).logits["class"]
    torch.testing.assert_close(model(given).logits["class"], want[34:], rtol=1e-12, atol=1e-12)
    alone = [csr_array(hstack([one[[4]][:, :34], one[[4]][:, [38]]])) for one in rows]
    only = with_attached(nodes(old_features, graphs), old_features, [x[4:5] for x in new_features], alone, present[4:5])
    torch.testing.assert_close(model(only).logits["class"], want[38:39], rtol=1e-12, atol=1e-12)
    with pytest.raises(AlignmentError, match="attach all to the bank at once"):
        with_attached(given, both, new_features, rows, present)
