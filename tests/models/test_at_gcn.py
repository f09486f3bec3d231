"""AT-GCN against dense formulas, and its laws: weights that sum to 1, modalities in any order, absent ones."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.errors import ConfigError
from heterophony.models.at_gcn import AtGcn
from heterophony.models.nodes import nodes


def model(dims: tuple[int, ...] = (6, 4)) -> AtGcn:
    torch.manual_seed(1)
    made = AtGcn(dims, 3, hidden=(8, 5)).double().eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return made


def dense(matrix: csr_array) -> Tensor:
    return torch.from_numpy(matrix.toarray())


def layer(graph: Tensor, x: Tensor, linear: torch.nn.Module) -> Tensor:
    return torch.relu(graph @ x @ linear.weight.T + linear.bias)  # type: ignore[operator]


def test_parameters_are_those_of_the_papers_table() -> None:
    assert sum(p.numel() for p in AtGcn((128, 64), 10).parameters()) == 182_795


def test_equals_the_equations_with_dense_matrices(views: list[Tensor], graphs: list[csr_array]) -> None:
    made, matrices = model(), [dense(graph) for graph in graphs]
    own = [
        layer(graph, layer(graph, x, first), second)
        for graph, x, first, second in zip(matrices, views, made.own_first, made.own_second, strict=True)
    ]
    common = [
        layer(graph, layer(graph, h, made.common_first), made.common_second)
        for graph, h in zip(matrices, own, strict=True)
    ]
    features = torch.stack([*own, sum(common) / 2], dim=1)  # type: ignore[arg-type]
    attention = made.score(features)[:, :, 0].softmax(dim=1)
    latent = (attention[:, :, None] * features).sum(dim=1)
    for rows in (None, torch.tensor([9, 1, 30])):
        got = made(nodes(views, graphs, rows=rows))
        kept = slice(None) if rows is None else rows
        of_modality = (attention[:, :2] + attention[:, 2:] / 2)[kept]
        torch.testing.assert_close(got.attention, of_modality, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(got.latent, latent[kept], rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(got.logits["class"], made.head(latent)[kept], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(got.attention.sum(dim=1), torch.ones(3).double())


def test_modalities_in_another_order_give_the_same_answers(views: list[Tensor], graphs: list[csr_array]) -> None:
    made, turned = model(), model((4, 6))
    state = made.state_dict()
    for name, value in list(state.items()):
        if name.startswith("own_"):
            place = name.split(".")[1]
            turned.state_dict()[name.replace(f".{place}.", f".{1 - int(place)}.")].copy_(value)
        else:
            turned.state_dict()[name].copy_(value)
    one, other = made(nodes(views, graphs)), turned(nodes(views[::-1], graphs[::-1]))
    torch.testing.assert_close(one.logits["class"], other.logits["class"], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(one.attention, other.attention[:, [1, 0]], rtol=1e-12, atol=1e-12)


def test_what_is_common_is_the_same_when_modalities_change_places(views: list[Tensor], graphs: list[csr_array]) -> None:
    made, given = model(), nodes(views, graphs)
    own = [made._own(given, place) for place in (0, 1)]
    turned = nodes(views[::-1], graphs[::-1])
    one = sum(made._common(given, place, own[place]) for place in (0, 1))
    other = sum(made._common(turned, place, own[1 - place]) for place in (0, 1))
    torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_samples_in_another_order_give_the_same_answers(views: list[Tensor], graphs: list[csr_array]) -> None:
    order, made = torch.from_numpy(np.random.default_rng(3).permutation(40)), model()
    turned = [csr_array(graph[order.numpy()][:, order.numpy()]) for graph in graphs]
    want, got = made(nodes(views, graphs)), made(nodes([view[order] for view in views], turned))
    torch.testing.assert_close(got.logits["class"], want.logits["class"][order], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(got.attention, want.attention[order], rtol=1e-12, atol=1e-12)


def test_an_absent_modality_has_no_weight_and_does_not_matter(views: list[Tensor], graphs: list[csr_array]) -> None:
    present = torch.ones(40, 2, dtype=torch.bool)
    present[5, 1] = False
    spoilt = [views[0], views[1].clone()]
    spoilt[1][5] = 1e6
    made = model()
    one, other = made(nodes(views, graphs, present)), made(nodes(spoilt, graphs, present))
    assert one.attention[5, 1] == 0
    assert torch.equal(one.logits["class"], other.logits["class"])
    nothing = made(nodes(views, graphs, torch.zeros(40, 2, dtype=torch.bool)))
    assert torch.equal(nothing.attention, torch.zeros(40, 2).double())
    with pytest.raises(ConfigError, match="wanted the widths of two layers"):
        AtGcn((3, 4), 2, hidden=(1, 2, 3))
