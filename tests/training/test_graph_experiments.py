"""Made-up samples of which it is known what a graph can do: noise to leave, two bits to put together, twins that leak.

The outcomes are known: Mean < DM at the rate of the paper < DM with a rate of its own for theta, which is about as good
as the best graph alone.
"""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.graph.composition import composition, without_same_group
from heterophony.graph.laplacian import normalised
from heterophony.graph.similarity import similarity_graph
from heterophony.losses.cross_entropy import CrossEntropy
from heterophony.models.dm_gcn import DmGcn
from heterophony.models.node_bank import mean_of
from heterophony.models.nodes import nodes
from heterophony.training import FitSettings, Group, fit_graph
from heterophony.training.fit_graph import say
from heterophony.training.seeding import seeded


def accuracy(
    views: list[Tensor],
    graphs: list[object],
    target: np.ndarray,
    train: np.ndarray,
    *,
    theta_lr: float | None = None,
    hidden: tuple[int, int] = (256, 128),
    epochs: int = 500,
    lr: float = 5e-4,
) -> tuple[float, DmGcn]:
    """Of the samples that are not trained on, in one graph with them; and the model."""
    classes = int(target.max()) + 1
    x = torch.cat(views, dim=1)
    rows = torch.from_numpy(np.flatnonzero(train))
    held = torch.from_numpy(np.flatnonzero(~train))
    matrices = [normalised(graph) for graph in graphs]  # type: ignore[arg-type]
    with seeded(0):
        model = DmGcn(x.shape[1], classes, len(matrices), hidden)
    group = (Group(match="theta", lr=theta_lr, weight_decay=0.0),) if theta_lr else ()
    fit_graph(
        model,
        nodes([x] * len(matrices), matrices, rows=rows),
        torch.eye(classes)[torch.from_numpy(target)][rows],
        None,
        loss=CrossEntropy(),
        settings=FitSettings(epochs=epochs, lr=lr, weight_decay=1e-4, schedule="constant", groups=group),
        score=lambda logits, truth: {"accuracy": 0.0},
        generator=torch.Generator().manual_seed(0),
    )
    said = say(model, nodes([x] * len(matrices), matrices, rows=held)).argmax(dim=1).numpy()
    return float((said == target[~train]).mean()), model


@pytest.mark.slow
def test_theta_leaves_a_graph_that_is_noise() -> None:
    generator = np.random.default_rng(0)
    target = np.arange(800) % 10
    sound = generator.normal(size=(800, 16)) + 0.62 * generator.normal(size=(10, 16))[target]
    views = [torch.from_numpy(one.astype(np.float32)) for one in (sound, generator.normal(size=(800, 16)))]
    train = np.arange(800) % 50 < 10
    own = [similarity_graph(view, k=20) for view in views]
    training = np.zeros(800, dtype=bool)
    looks = [composition(graph, target, [None] * 800, training) for graph in own]
    assert looks[0].homophily > 0.3
    assert looks[1].homophily == pytest.approx(looks[1].expected, abs=0.02)
    mean, _ = accuracy(views, [mean_of(own)], target, train)
    paper, slow = accuracy(views, own, target, train)  # type: ignore[arg-type]
    ours, quick = accuracy(views, own, target, train, theta_lr=0.02)  # type: ignore[arg-type]
    alone, _ = accuracy(views[:1], own[:1], target, train)  # type: ignore[arg-type]
    assert mean < paper < ours
    assert ours > alone - 0.04
    assert slow.theta is not None
    assert quick.theta is not None
    assert 0.5 < float(slow.theta.detach().softmax(dim=1)[:, 0].mean()) < 0.75
    assert float(quick.theta.detach().softmax(dim=1)[:, 0].min()) > 0.9


def test_two_views_that_each_know_one_bit_are_put_together() -> None:
    generator = np.random.default_rng(1)
    target = np.arange(400) % 4
    bits = np.stack([target // 2, target % 2])
    views = [
        torch.from_numpy((generator.normal(size=(400, 8)) + 1.5 * bit[:, None]).astype(np.float32)) for bit in bits
    ]
    train = np.arange(400) % 20 < 4
    own = [similarity_graph(view, k=15) for view in views]
    both, _ = accuracy(views, own, target, train, theta_lr=0.02, epochs=300)  # type: ignore[arg-type]
    assert both > 0.9
    for view, graph in zip(views, own, strict=True):
        alone, _ = accuracy([view], [graph], target, train, epochs=300)
        assert alone < 0.6


def test_twins_of_training_samples_leak_without_their_edges_too_and_folds_of_whole_groups_are_honest() -> None:
    generator = np.random.default_rng(2)
    target = np.tile(generator.integers(5, size=150), 2)
    half = generator.normal(size=(150, 8)).astype(np.float32)  # nothing of the class is in the vectors
    view = torch.from_numpy(np.concatenate([half, half]))
    train = np.arange(300) < 150
    group = np.arange(300) % 150
    twins, near = similarity_graph(view, k=1), similarity_graph(view, k=5)
    names = [str(one) for one in group]
    assert composition(twins, target, names, train).same_group == 1
    fit = {"hidden": (64, 32), "epochs": 150, "lr": 5e-3}
    leaking, _ = accuracy([view], [twins], target, train, **fit)  # type: ignore[arg-type]
    apart, _ = accuracy([view], [without_same_group(near, names)], target, train, **fit)  # type: ignore[arg-type]
    honest, _ = accuracy([view], [near], target, group < 75, **fit)  # type: ignore[arg-type]
    assert leaking > 0.9
    assert apart > 0.6  # the vectors themselves are those that were trained on
    assert honest == pytest.approx(0.2, abs=0.1)


def places(seed: int, *, scene: float, noise: float) -> tuple[list[Tensor], np.ndarray, list[str]]:
    """80 places of 10 scenes, 8 clips each; a second of a clip in 60 of them, ten in the others.

    Returns:
        Two views, the class and the place of each second; the first 480 are to be trained on.
    """
    generator = np.random.default_rng(seed)
    clips = np.concatenate([np.arange(480), np.repeat(np.arange(480, 640), 10)])
    where = clips // 8
    target = where % 10
    views = []
    for _ in range(2):
        of_scene, of_place, of_clip = (generator.normal(size=(count, 48)) for count in (10, 80, 640))
        view = scene * of_scene[target] + of_place[where] + 0.5 * of_clip[clips]
        view += noise * generator.normal(size=view.shape)
        views.append(torch.from_numpy(view.astype(np.float32)))
    return views, target, [str(one) for one in where]


def test_a_graph_of_test_seconds_pools_their_place_and_is_worse_than_none_without() -> None:
    views, target, where = places(0, scene=0.5, noise=2.0)
    train = np.arange(len(target)) < 480
    own = [similarity_graph(view, k=20) for view in views]
    looks = [composition(graph, target, where, train, np.flatnonzero(~train)) for graph in own]
    assert all(look.same_group > 0.3 and look.training < 0.2 for look in looks)
    none = [csr_array(own[0].shape, dtype=np.float32)]  # L = I: a plain network on each second alone
    apart = [without_same_group(graph, where) for graph in own]
    alone, pooled, without = (
        accuracy(given, graphs, target, train, theta_lr=lr, hidden=(64, 32), epochs=60, lr=5e-3)[0]  # type: ignore[arg-type]
        for given, graphs, lr in (([torch.cat(views, dim=1)], none, None), (views, own, 0.02), (views, apart, 0.02))
    )
    assert pooled > alone + 0.1
    assert without < alone - 0.05


def test_more_neighbours_make_samples_alike_and_all_of_them_the_same() -> None:
    generator = np.random.default_rng(4)
    target, train = np.arange(300) % 5, np.arange(300) % 25 < 10
    view = torch.from_numpy((generator.normal(size=(300, 16)) + 2 * np.eye(5, 16)[target]).astype(np.float32))
    spread = [float((normalised(similarity_graph(view, k=k)) @ view.numpy()).std(axis=0).mean()) for k in (5, 50, 299)]
    assert spread[0] > 1.3 * spread[1] > 1.3 * spread[2]
    complete = csr_array(np.ones((300, 300), np.float32) - np.eye(300, dtype=np.float32))
    one, _ = accuracy([view], [complete], target, train, epochs=20)
    some, _ = accuracy([view], [similarity_graph(view, k=10)], target, train, epochs=100)
    assert one == pytest.approx(0.2)  # the same answer for all
    assert some > 0.6


def test_labels_at_random_teach_nothing() -> None:
    generator = np.random.default_rng(3)
    target = generator.permutation(np.arange(500) % 10)
    view = torch.from_numpy(generator.normal(size=(500, 8)).astype(np.float32))
    got, _ = accuracy([view], [similarity_graph(view, k=10)], target, np.arange(500) % 5 == 0, epochs=100)
    assert got < 0.16
