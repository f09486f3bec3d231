"""Smoothing against dense matrices, and correct-and-smooth against a restatement in words of the paper."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from heterophony.errors import ConfigError
from heterophony.graph.similarity import similarity_graph
from heterophony.graph.smoothing import correct_and_smooth, smooth

Table = NDArray[np.float64]


def case(samples: int = 60) -> tuple[csr_array, Table, NDArray[np.int64], NDArray[np.bool_]]:
    """Two clusters that are the two classes, answers that are noise, every third a training sample."""
    generator = np.random.default_rng(0)
    target = np.arange(samples) % 2
    vectors = generator.normal(size=(samples, 2)) + 8 * target[:, None]
    said = generator.dirichlet([1, 1], size=samples)
    return similarity_graph(torch.from_numpy(vectors).float(), k=6), said, target, np.arange(samples) % 3 == 0


def test_smoothing_is_the_mean_over_neighbours_repeated() -> None:
    graph, said, _, _ = case()
    whole = graph.toarray().astype(np.float64) + np.eye(60)
    mean = whole / whole.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(smooth(said, graph), mean @ mean @ said, atol=1e-7)
    np.testing.assert_allclose(smooth(said, graph).sum(axis=1), 1)
    np.testing.assert_array_equal(smooth(said, graph, steps=0), said)
    np.testing.assert_array_equal(smooth(said, csr_array((60, 60), dtype=np.float32)), said)


def test_correct_and_smooth_equals_its_restatement() -> None:
    graph, said, target, training = case()
    whole = graph.toarray().astype(np.float64) + np.eye(60)
    root = np.diag(whole.sum(axis=1) ** -0.5)
    spread = root @ whole @ root
    error = np.where(training[:, None], np.eye(2)[target] - said, 0)
    residual = error
    for _ in range(50):
        residual = 0.8 * spread @ residual + 0.2 * error
    size = np.abs(error[training]).sum() / training.sum()
    corrected = said + size * residual / np.abs(residual).sum(axis=1, keepdims=True)
    corrected[training] = np.eye(2)[target[training]]
    final = corrected
    for _ in range(50):
        final = 0.8 * spread @ final + 0.2 * corrected
    final = np.maximum(final, 0)
    want = final / final.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(correct_and_smooth(said, graph, target, training), want, atol=1e-6)


def test_clusters_are_learned_from_their_training_samples() -> None:
    graph, said, target, training = case()
    held = ~training
    assert (said.argmax(axis=1) == target)[held].mean() < 0.7
    got = correct_and_smooth(said, graph, target, training)
    assert (got.argmax(axis=1) == target)[held].all()


def test_samples_that_no_error_reaches_keep_their_answer() -> None:
    _, said, target, training = case()
    alone = csr_array((60, 60), dtype=np.float32)
    got = correct_and_smooth(said, alone, target, training)
    np.testing.assert_allclose(got[~training], said[~training], atol=1e-12)
    np.testing.assert_allclose(got[training], np.eye(2)[target[training]])


def test_what_cannot_be_spread_is_refused() -> None:
    graph, said, target, training = case()
    with pytest.raises(ConfigError, match=r"correct=1\.0"):
        correct_and_smooth(said, graph, target, training, correct=1.0)
    with pytest.raises(ConfigError, match="0 training samples"):
        correct_and_smooth(said, graph, target, np.zeros(60, dtype=bool))
