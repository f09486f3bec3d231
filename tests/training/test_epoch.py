import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from heterophony.losses import CrossEntropy
from heterophony.training import FitSettings, seeded
from heterophony.training.epoch import shuffled_batches, train_epoch


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("n", "drop_last", "sizes"),
    [
        (10, True, [4, 4]),
        (10, False, [4, 4, 2]),
        (8, True, [4, 4]),
        (4, True, [4]),
        (3, True, [3]),
        (1, True, [1]),
        (3, False, [3]),
    ],
)
def test_an_incomplete_last_batch_is_dropped_unless_it_is_the_only_one(n, drop_last, sizes):
    batches = list(shuffled_batches(n, FitSettings(batch=4, drop_last=drop_last), generator()))
    assert [len(rows) for rows in batches] == sizes
    seen = torch.cat(batches).tolist()
    assert len(set(seen)) == sum(sizes)
    assert set(seen) <= set(range(n))


def test_every_row_comes_equally_often_and_every_epoch_has_another_order():
    source = generator()
    orders = [torch.cat(list(shuffled_batches(10, FitSettings(batch=4), source))) for _ in range(5000)]
    counts = torch.bincount(torch.cat(orders), minlength=10).float() / 5000
    assert torch.all((counts - 0.8).abs() < 5 * math.sqrt(0.8 * 0.2 / 5000))
    assert not torch.equal(orders[0], orders[1])


def softmax(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def slow_adam(
    w: np.ndarray, steps: list[tuple[np.ndarray, np.ndarray]], lr: float, decay: float
) -> tuple[np.ndarray, float]:
    """Softmax regression by Adam with the L2 penalty added to the gradient (Kingma & Ba 2015, algorithm 1), float64.

    The last column of w is the bias. Returns the weights and the mean loss.
    """
    m, v, losses = np.zeros_like(w), np.zeros_like(w), []
    for t, (x, y) in enumerate(steps, start=1):
        x = np.hstack([x, np.ones((len(x), 1))])
        p = softmax(x @ w.T)
        losses.append(-np.mean(np.sum(y * np.log(p), axis=1)))
        g = (p - y).T @ x / len(x) + decay * w
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w = w - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w, float(np.mean(losses))


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("decay", [0.0, 1e-5, 0.3])
def test_an_epoch_equals_a_slow_restatement_of_adam_with_coupled_weight_decay(linear_model, blobs, fused, decay):
    table, settings = blobs(100, modalities=1), FitSettings(batch=16, weight_decay=decay, lr=0.01)
    with seeded(0):
        model = linear_model(16, 3)
    start = np.hstack([model.linear.weight.detach().numpy(), model.linear.bias.detach().numpy()[:, None]])
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=decay, fused=fused)
    loss = train_epoch(
        model,
        table,
        loss=CrossEntropy(),
        augment=[],
        optimiser=optimiser,
        settings=settings,
        generator=generator(3),
    )
    rows = list(shuffled_batches(100, settings, generator(3)))
    steps = [(table.inputs["m0"][r].double().numpy(), table.target[r].double().numpy()) for r in rows]
    weights, slow_loss = slow_adam(start.astype(np.float64), steps, 0.01, decay)
    np.testing.assert_allclose(model.linear.weight.detach().numpy(), weights[:, :-1], atol=2e-6)
    np.testing.assert_allclose(model.linear.bias.detach().numpy(), weights[:, -1], atol=2e-6)
    assert loss == pytest.approx(slow_loss, rel=1e-5)


def test_a_table_smaller_than_a_batch_is_trained_on(linear_model, blobs):
    with seeded(0):
        model = linear_model(16, 3)
    before = model.linear.weight.detach().clone()
    optimiser = torch.optim.Adam(model.parameters(), fused=True)
    train_epoch(
        model,
        blobs(5, modalities=1),
        loss=CrossEntropy(),
        augment=[],
        optimiser=optimiser,
        settings=FitSettings(),
        generator=generator(),
    )
    assert torch.all(model.linear.weight != before)


@pytest.mark.parametrize(("clip", "batch"), [(None, 8), (0.05, 8), (None, 6)])
def test_accumulated_batches_are_one_large_batch(linear_model, blobs, clip, batch):
    # 40 rows: with 8 a step has 4 batches and the last one 1; with 6 (and 4 left over) shares differ
    table, weights = blobs(40, modalities=1), []
    table.weight[:] = torch.linspace(0.5, 2, 40)
    for settings in (
        FitSettings(batch=batch, accumulate=4, clip=clip, drop_last=False),
        FitSettings(batch=4 * batch, clip=clip, drop_last=False),
    ):
        with seeded(0):
            model = linear_model(16, 3)
        optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
        train_epoch(
            model,
            table,
            loss=CrossEntropy(),
            augment=[],
            optimiser=optimiser,
            settings=settings,
            generator=generator(3),
        )
        weights.append(model.linear.weight.detach())
    torch.testing.assert_close(weights[0], weights[1], atol=1e-6, rtol=1e-6)


def test_an_incomplete_group_of_batches_still_moves_the_weights(linear_model, blobs):
    told = []
    with seeded(0):
        model = linear_model(16, 3)
    train_epoch(
        model,
        blobs(50, modalities=1),
        loss=CrossEntropy(),
        augment=[],
        optimiser=torch.optim.SGD(model.parameters(), lr=0.1),
        settings=FitSettings(batch=10, accumulate=2),
        generator=generator(),
        before_step=lambda done: told.append((done, model.linear.weight.detach().clone())),
    )
    assert [done for done, _ in told] == [0.0, 0.4, 0.8]  # three steps, of 2, 2 and 1 batches
    weights = [*(weight for _, weight in told), model.linear.weight.detach()]
    assert all(not torch.equal(a, b) for a, b in pairwise(weights))


def test_a_gradient_that_is_too_long_is_shortened_and_a_short_one_is_left(linear_model, blobs):
    table = blobs(64, modalities=1)
    norms = {}
    for clip in (None, 1e-3, 1e3):
        with seeded(0):
            model = linear_model(16, 3)
        before = [p.detach().clone() for p in model.parameters()]
        train_epoch(
            model,
            table,
            loss=CrossEntropy(),
            augment=[],
            optimiser=torch.optim.SGD(model.parameters(), lr=1.0),
            settings=FitSettings(clip=clip),
            generator=generator(),
        )
        steps = [(p.detach() - b).flatten() for p, b in zip(model.parameters(), before, strict=True)]
        norms[clip] = float(torch.cat(steps).norm())
    assert norms[1e-3] == pytest.approx(1e-3, rel=1e-3)
    assert norms[1e3] == pytest.approx(norms[None])
    assert norms[None] > 0.1
