"""`nodes`: features spread once, rows cut out."""

import pytest
import torch
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.errors import AlignmentError
from heterophony.models.nodes import nodes


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
