"""DM-GCN against dense formulas, and its laws: equal mixtures, one graph, permutations, theta, absent modalities."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.errors import ConfigError
from heterophony.graph.laplacian import normalised
from heterophony.models.dm_gcn import DmGcn
from heterophony.models.nodes import nodes


def model(dim: int = 10, n_graphs: int = 2) -> DmGcn:
    torch.manual_seed(0)
    made = DmGcn(dim, 3, n_graphs, hidden=(8, 5)).double().eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return made


def dense(matrix: csr_array) -> Tensor:
    return torch.from_numpy(matrix.toarray())


def restated(made: DmGcn, x: Tensor, mixed: list[Tensor]) -> Tensor:
    """The equations with dense L of each layer."""
    h1 = torch.relu(mixed[0] @ x @ made.first.weight.T + made.first.bias)
    h2 = torch.relu(mixed[1] @ h1 @ made.second.weight.T + made.second.bias)
    logits: Tensor = made.head(torch.cat([h1, h2], dim=1))
    return logits


@pytest.fixture
def x(views: list[Tensor]) -> Tensor:
    return torch.cat(views, dim=1)


def test_parameters_are_those_of_the_papers_table() -> None:
    def count(*arguments: object, **named: object) -> int:
        return sum(p.numel() for p in DmGcn(*arguments, **named).parameters())  # type: ignore[arg-type]

    assert count(192, 10) == 86_154
    assert count(192, 10, 2) == 86_154 + 2 * 2
    assert count(128, 10, hidden=(128, 128)) == 35_594
    assert count(64, 10, hidden=(128, 128)) == 27_402


def test_equals_the_equations_with_dense_matrices(x: Tensor, graphs: list[csr_array]) -> None:
    made = model()
    theta = made.theta.softmax(dim=1)  # type: ignore[union-attr]
    mixed = [sum(t * dense(graph) for t, graph in zip(row, graphs, strict=True)) for row in theta]
    want = restated(made, x, mixed)  # type: ignore[arg-type]
    torch.testing.assert_close(made(nodes([x, x], graphs)).logits["class"], want, rtol=1e-12, atol=1e-12)
    rows = torch.tensor([31, 2, 2, 17])
    got = made(nodes([x, x], graphs, rows=rows))
    torch.testing.assert_close(got.logits["class"], want[rows], rtol=1e-12, atol=1e-12)
    assert got.latent.shape == (4, 13)


def test_equal_shares_are_the_mean_of_the_laplacians(x: Tensor, graphs: list[csr_array]) -> None:
    made = model()
    one = DmGcn(10, 3, hidden=(8, 5)).double().eval()
    one.load_state_dict({name: value for name, value in made.state_dict().items() if name != "theta"})
    torch.nn.init.zeros_(made.theta)  # type: ignore[arg-type]
    mean = csr_array((graphs[0] + graphs[1]) / 2)
    got, want = made(nodes([x, x], graphs)), one(nodes([x], [mean]))
    torch.testing.assert_close(got.logits["class"], want.logits["class"], rtol=1e-12, atol=1e-12)


def test_they_are_the_mean_of_the_adjacencies_only_where_degrees_agree(adjacencies: list[csr_array]) -> None:
    def gap(graphs: list[csr_array]) -> float:
        mean = csr_array((graphs[0] + graphs[1]) / 2)
        return float(abs(normalised(mean) - (normalised(graphs[0]) + normalised(graphs[1])) / 2).max())

    ring = csr_array(np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, axis=1))
    chords = csr_array(np.roll(np.eye(12), 3, axis=1) + np.roll(np.eye(12), -3, axis=1))
    assert gap([ring, chords]) == pytest.approx(0, abs=1e-7)
    assert gap(adjacencies) > 1e-3


def test_equal_shares_are_the_mean_gcn_where_degrees_agree(x: Tensor, adjacencies: list[csr_array]) -> None:
    made = model()
    one = DmGcn(10, 3, hidden=(8, 5)).double().eval()
    one.load_state_dict({name: value for name, value in made.state_dict().items() if name != "theta"})
    torch.nn.init.zeros_(made.theta)  # type: ignore[arg-type]

    def gap(graphs: list[csr_array], x: Tensor) -> float:
        both = [normalised(graph).astype(np.float64) for graph in graphs]
        mean = normalised(csr_array((graphs[0] + graphs[1]) / 2)).astype(np.float64)
        said = made(nodes([x, x], both)).logits["class"], one(nodes([x], [mean])).logits["class"]
        return float((said[0] - said[1]).detach().abs().max())

    rings = [csr_array(np.roll(np.eye(40), s, axis=1) + np.roll(np.eye(40), -s, axis=1)) for s in (1, 3)]
    assert gap(rings, x) == pytest.approx(0, abs=1e-6)
    assert gap(adjacencies, x) > 1e-3


def test_a_layer_in_single_precision_is_the_dense_formula(x: Tensor, adjacencies: list[csr_array]) -> None:
    made, whole = model(n_graphs=1), adjacencies[0].toarray().astype(np.float64) + np.eye(40)
    root = np.diag(whole.sum(axis=1) ** -0.5)
    want = torch.relu(torch.from_numpy(root @ whole @ root) @ x @ made.first.weight.T + made.first.bias)
    got = made.float()(nodes([x.float()], [normalised(adjacencies[0])])).latent[:, :8]
    torch.testing.assert_close(got.double(), want, rtol=1e-6, atol=1e-6)


def test_all_of_theta_on_one_graph_is_the_gcn_of_that_graph(x: Tensor, graphs: list[csr_array]) -> None:
    made = model()
    with torch.no_grad():
        made.theta.copy_(torch.tensor([[0.0, -torch.inf]] * 2))  # type: ignore[union-attr]
    torch.testing.assert_close(
        made(nodes([x, x], graphs)).logits["class"], restated(made, x, [dense(graphs[0])] * 2), rtol=1e-12, atol=1e-12
    )


def test_the_gradient_of_theta_is_that_of_finite_differences(x: Tensor, graphs: list[csr_array]) -> None:
    given, made = nodes([x, x], graphs), model()

    def loss(theta: Tensor) -> Tensor:
        said = torch.func.functional_call(made, {"theta": theta}, (given,))
        return said.logits["class"].square().mean()  # type: ignore[no-any-return]

    start = torch.tensor([[0.3, -0.2], [0.1, 0.5]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(loss, start)


@pytest.mark.parametrize("n_graphs", [1, 2])
def test_samples_in_another_order_give_the_same_answers(x: Tensor, graphs: list[csr_array], n_graphs: int) -> None:
    order = np.random.default_rng(3).permutation(40)
    made, own = model(n_graphs=n_graphs), graphs[:n_graphs]
    turned = [csr_array(graph[order][:, order]) for graph in own]
    want = made(nodes([x] * n_graphs, own)).logits["class"][torch.from_numpy(order)]
    got = made(nodes([x[order]] * n_graphs, turned)).logits["class"]
    torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)


def test_theta_is_shared_among_the_modalities_that_a_sample_has(x: Tensor, graphs: list[csr_array]) -> None:
    made = model()
    with torch.no_grad():
        made.theta.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))  # type: ignore[union-attr]
    present = torch.ones(40, 2, dtype=torch.bool)
    present[4, 0] = present[6, 1] = False
    present[8] = False
    mixture = made.mixture(nodes([x, x], graphs, present))
    torch.testing.assert_close(mixture[0, 0], torch.tensor([0.0, 1.0]).double().softmax(0))
    assert mixture[:, 4].tolist() == [[0, 1]] * 2
    assert mixture[:, 6].tolist() == [[1, 0]] * 2
    assert mixture[:, 8].tolist() == [[0, 0]] * 2


def test_dropout_acts_in_training_alone(x: Tensor, graphs: list[csr_array]) -> None:
    given, made = nodes([x, x], graphs), model()
    assert torch.equal(made(given).latent, made(given).latent)
    made.train()
    dropped = made(given).latent[:, :8]
    assert 0.3 < (dropped == 0).double().mean() < 0.95
    with pytest.raises(ConfigError, match="wanted the widths of two layers"):
        DmGcn(4, 2, hidden=(3,))
