"""`fit_graph`: a graph is learned, theta leaves noise, the best epoch comes back, same seed, same bytes."""

import numpy as np
import pytest
import torch
from torch import Tensor

from heterophony.errors import ConfigError, InputError
from heterophony.graph.laplacian import normalised
from heterophony.graph.similarity import similarity_graph
from heterophony.losses.cross_entropy import CrossEntropy
from heterophony.models.dm_gcn import DmGcn
from heterophony.models.nodes import Nodes, nodes
from heterophony.training import FitSettings, Group
from heterophony.training.fit_graph import fit_graph, say
from heterophony.training.seeding import seeded

SETTINGS = FitSettings(epochs=60, lr=5e-3, weight_decay=1e-4, schedule="constant", patience=60)


def case(rows: Tensor) -> tuple[Nodes, Tensor]:
    """Three clusters in the first view, noise in the second."""
    generator = np.random.default_rng(0)
    target = np.arange(150) % 3
    sound = (generator.normal(size=(150, 4)) + 1.6 * np.eye(4)[target]).astype(np.float32)
    noise = generator.normal(size=(150, 4)).astype(np.float32)
    views = [torch.from_numpy(sound), torch.from_numpy(noise)]
    graphs = [normalised(similarity_graph(view, k=8)) for view in views]
    x = torch.cat(views, dim=1)
    return nodes([x, x], graphs, rows=rows), torch.eye(3)[torch.from_numpy(target)][rows]


def accuracy(logits: np.ndarray, target: np.ndarray) -> dict[str, float]:
    return {"accuracy": float((logits.argmax(axis=1) == target).mean())}


def network() -> DmGcn:
    with seeded(1):
        return DmGcn(8, 3, 2, hidden=(16, 8))


TRAIN, HELD = torch.arange(0, 60), torch.arange(60, 150)


def test_it_learns_and_theta_leaves_the_noise() -> None:
    model, (train, target), held = network(), case(TRAIN), case(HELD)
    settings = FitSettings(
        epochs=150, lr=5e-3, schedule="constant", patience=150, groups=(Group(match="theta", lr=5e-2, weight_decay=0),)
    )
    generator = torch.Generator().manual_seed(0)
    history = fit_graph(
        model, train, target, held, loss=CrossEntropy(), settings=settings, score=accuracy, generator=generator
    )
    assert history.rows[-1]["train_loss"] < 0.5 * history.rows[0]["train_loss"]
    assert accuracy(say(model, held[0]).numpy(), held[1].argmax(dim=1).numpy())["accuracy"] > 0.75
    assert model.theta is not None
    assert (model.theta.softmax(dim=1)[:, 0] > 0.8).all()
    assert not model.training


def test_theta_is_a_mixture_after_every_step() -> None:
    model, (train, target) = network(), case(TRAIN)
    assert model.theta is not None
    seen = []
    fit_graph(
        model,
        train,
        target,
        None,
        loss=CrossEntropy(),
        settings=FitSettings(epochs=20, lr=0.1, schedule="constant"),
        score=accuracy,
        generator=torch.Generator().manual_seed(0),
        on_epoch=lambda _: seen.append(model.mixture(train).detach()),
    )
    assert len(seen) == 20
    assert not torch.allclose(seen[0], seen[-1])
    for mixture in seen:
        assert (mixture >= 0).all()
        torch.testing.assert_close(mixture.sum(dim=2), torch.ones(2, 150))


def test_the_best_epoch_comes_back_and_looks_are_taken_now_and_then() -> None:
    (train, target), held = case(TRAIN), case(HELD)

    def run(every: int) -> tuple[DmGcn, list[dict[str, float]], int]:
        model = network()
        history = fit_graph(
            model,
            train,
            target,
            held,
            loss=CrossEntropy(),
            settings=SETTINGS,
            score=accuracy,
            generator=torch.Generator().manual_seed(0),
            validate_every=every,
        )
        return model, history.rows, history.best_epoch

    model, rows, best = run(1)
    seen = [row["accuracy"] for row in rows]
    assert best == seen.index(max(seen)) + 1
    assert accuracy(say(model, held[0]).numpy(), held[1].argmax(dim=1).numpy())["accuracy"] == max(seen)
    _, now_and_then, _ = run(25)
    assert [row["epoch"] for row in now_and_then if "accuracy" in row] == [25, 50, 60]
    assert [row["train_loss"] for row in now_and_then] == [row["train_loss"] for row in rows]


def test_the_same_seed_gives_the_same_bytes_and_leaves_the_global_state_alone() -> None:
    train, target = case(TRAIN)
    before, weights = torch.random.get_rng_state(), []
    for seed in (3, 3, 4):
        model = network()
        fit_graph(
            model,
            train,
            target,
            None,
            loss=CrossEntropy(),
            settings=FitSettings(epochs=5),
            score=accuracy,
            generator=torch.Generator().manual_seed(seed),
        )
        weights.append(model.head.weight.detach().clone())
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert torch.equal(torch.random.get_rng_state(), before)


def test_what_cannot_be_fitted_is_refused() -> None:
    train, target = case(TRAIN)
    common = {"loss": CrossEntropy(), "score": accuracy, "generator": torch.Generator()}
    with pytest.raises(InputError, match="60 training rows are asked for, 59 targets given"):
        fit_graph(network(), train, target[1:], None, settings=SETTINGS, **common)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="monitor 'hierarchical_f1' is not among the scores"):
        fit_graph(
            network(),
            train,
            target,
            (train, target),
            settings=FitSettings(epochs=2, monitor="hierarchical_f1"),
            **common,  # type: ignore[arg-type]
        )
