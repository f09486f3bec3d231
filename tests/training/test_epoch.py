import math

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
