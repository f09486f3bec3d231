import csv

import numpy as np
import pytest

from heterophony.clips import stratified_split
from heterophony.errors import ConfigError
from heterophony.weighting import WEIGHTINGS, class_weights

COUNT = np.array([775, 106, 233, 400, 1])


@pytest.mark.parametrize("method", WEIGHTINGS)
def test_the_mean_over_the_classes_is_one_and_rarer_classes_count_more(method):
    weight = class_weights(COUNT, method)
    assert weight.dtype == np.float32
    assert weight.mean() == pytest.approx(1)
    assert np.array_equal(np.argsort(-weight), np.argsort(COUNT))


@pytest.mark.parametrize("method", WEIGHTINGS)
def test_equal_counts_weigh_one(method):
    assert np.allclose(class_weights(np.full(23, 40), method), 1)


def test_ratios_are_those_of_the_formulas():
    count = np.array([100, 400])
    assert np.divide(*class_weights(count, "inverse_sqrt")) == pytest.approx(2)
    assert np.divide(*class_weights(count, "inverse")) == pytest.approx(4)
    effective = [(1 - 0.99**n) / (1 - 0.99) for n in (100, 400)]
    assert np.divide(*class_weights(count, "effective_number", 0.99)) == pytest.approx(effective[1] / effective[0])


def test_it_equals_the_reports_formula_with_its_factors():
    n, classes = COUNT.sum(), len(COUNT)
    raw = [(n / (classes * each)) ** 0.5 for each in COUNT]
    expected = [each / (sum(raw) / classes) for each in raw]
    assert class_weights(COUNT, "inverse_sqrt") == pytest.approx(expected)


def test_the_effective_number_goes_from_alike_to_inverse():
    assert np.allclose(class_weights(COUNT, "effective_number", 0.0), 1)
    near_one = class_weights(COUNT, "effective_number", 1 - 1e-9)
    assert near_one == pytest.approx(class_weights(COUNT, "inverse"), rel=1e-4)


def test_a_class_without_rows_weighs_one_and_leaves_the_others_alone():
    weight = class_weights(np.array([10, 0, 40]), "inverse_sqrt")
    assert weight[1] == 1
    assert weight[[0, 2]] == pytest.approx(class_weights(np.array([10, 40]), "inverse_sqrt"))


@pytest.mark.shared_data
def test_the_training_rows_of_bsd10k_give_the_published_range(shared_data):
    with (shared_data / "bsd10k" / "labels_v1.2_in_dataset_order.csv").open(encoding="utf-8") as file:
        label = np.array([int(row["class_idx"]) for row in csv.DictReader(file)])
    train, _, _ = stratified_split(label.tolist(), folds=5, seed=1821).parts(0)
    count = np.bincount(label[train])
    weight = class_weights(count, "inverse_sqrt")
    assert (round(float(weight.min()), 3), round(float(weight.max()), 2)) == (0.555, 1.5)
    assert weight.argmin() == count.argmax()
    assert round(float(weight[label[train]].mean()), 2) == 0.85


def test_no_rows_at_all_are_refused():
    with pytest.raises(ConfigError, match="every class has 0"):
        class_weights(np.zeros(3, dtype=int), "inverse")


def test_a_negative_count_is_refused():
    with pytest.raises(ConfigError, match="class 1 has -2"):
        class_weights(np.array([3, -2]), "inverse")


@pytest.mark.parametrize("beta", [-0.1, 1.0, float("nan")])
def test_a_beta_out_of_range_is_refused(beta):
    with pytest.raises(ConfigError, match="beta must be >= 0 and < 1"):
        class_weights(COUNT, "effective_number", beta)
