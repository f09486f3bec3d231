"""A class prior from an embedding, against scikit-learn without any of our short cuts."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from heterophony.encoders.linear_prior import LinearPrior
from heterophony.encoders.regression import UNSEEN
from heterophony.errors import InputError, ModelError


def clouds(rows: int, dim: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Normal clouds, coordinates of very different size and place."""
    rng = np.random.default_rng(seed)
    target = np.arange(rows) % classes
    centres = np.random.default_rng(9).normal(0, 0.7, (classes, dim))
    x = (centres[target] + rng.normal(size=(rows, dim))) * np.geomspace(0.1, 10, dim) + np.linspace(-5, 5, dim)
    return x.astype(np.float32), target


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize(("rows", "dim"), [(60, 8), (40, 200)])
@pytest.mark.parametrize("c", [0.01, 1.0])
def test_it_is_logistic_regression_on_standardised_coordinates(rows: int, dim: int, classes: int, c: float) -> None:
    x, target = clouds(rows, dim, classes)
    other, _ = clouds(25, dim, classes, seed=1)
    scaler = StandardScaler().fit(x.astype(np.float64))
    oracle = LogisticRegression(C=c, max_iter=5000, tol=1e-8).fit(scaler.transform(x), target)
    prior = LinearPrior.fit(x, target, classes, c)
    for rows_of in (x, other):
        wanted = oracle.predict_log_proba(scaler.transform(rows_of))
        np.testing.assert_allclose(prior.log_prior(rows_of), wanted, rtol=0.01, atol=0.01)


def test_probabilities_sum_to_one() -> None:
    x, target = clouds(30, 5, 3)
    said = LinearPrior.fit(x, target, 4).log_prior(x)
    assert said.dtype == np.float32
    np.testing.assert_allclose(np.exp(said).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("seen", [2, 3])
def test_a_class_that_was_not_seen_is_unlikely_but_not_impossible(seen: int) -> None:
    x, target = clouds(60, 6, seen)
    said = LinearPrior.fit(x, target, seen + 2).log_prior(x)
    assert (said[:, seen:] < -8).all()
    assert (said[:, seen:] > 2 * UNSEEN).all()
    among = np.exp(said[:, :seen]).sum(axis=1)
    np.testing.assert_allclose(among, 1, atol=1e-3)


def test_where_there_is_one_class_it_is_that() -> None:
    x, _ = clouds(10, 4, 2)
    said = LinearPrior.fit(x, np.ones(10, dtype=np.int64), 3).log_prior(x)
    np.testing.assert_allclose(said[:, 1], 0, atol=1e-4)
    np.testing.assert_allclose(said[:, [0, 2]], UNSEEN, atol=1e-3)


def test_a_coordinate_that_does_not_vary_has_no_say() -> None:
    x, target = clouds(40, 5, 2)
    still = np.concatenate([x, np.full((40, 1), 7.0, np.float32)], axis=1)
    prior = LinearPrior.fit(still, target, 2)
    moved = still.copy()
    moved[:, 5] = -1e6
    np.testing.assert_array_equal(prior.log_prior(moved), prior.log_prior(still))
    np.testing.assert_allclose(prior.log_prior(still), LinearPrior.fit(x, target, 2).log_prior(x), atol=1e-3)


def test_scale_and_place_of_a_coordinate_do_not_matter() -> None:
    x, target = clouds(60, 6, 3)
    moved = x * np.float32(8) + np.float32(16)
    one, two = LinearPrior.fit(x, target, 3).log_prior(x), LinearPrior.fit(moved, target, 3).log_prior(moved)
    np.testing.assert_allclose(one, two, atol=2e-3)


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    x, target = clouds(40, 6, 3)
    prior = LinearPrior.fit(x, target, 3)
    np.testing.assert_allclose(prior.log_prior(x[7:8])[0], prior.log_prior(x)[7], atol=1e-5)
    assert prior.log_prior(x[:0]).shape == (0, 3)


def test_it_comes_back_from_its_arrays_also_from_halves() -> None:
    x, target = clouds(40, 6, 3)
    prior = LinearPrior.fit(x, target, 3)
    np.testing.assert_array_equal(LinearPrior.from_arrays(prior.to_arrays()).log_prior(x), prior.log_prior(x))
    halves = {name: array.astype(np.float16) for name, array in prior.to_arrays().items()}
    np.testing.assert_allclose(LinearPrior.from_arrays(halves).log_prior(x), prior.log_prior(x), atol=0.02)


def test_the_same_rows_give_the_same_bytes() -> None:
    x, target = clouds(40, 100, 3)
    one, two = (LinearPrior.fit(x, target, 3).to_arrays() for _ in range(2))
    assert {name: a.tobytes() for name, a in one.items()} == {name: a.tobytes() for name, a in two.items()}


def test_what_does_not_fit_is_refused() -> None:
    x, target = clouds(10, 4, 2)
    with pytest.raises(InputError, match="0 rows"):
        LinearPrior.fit(x[:0], target[:0], 2)
    arrays = LinearPrior.fit(x, target, 2).to_arrays()
    with pytest.raises(ModelError, match="arrays bias are missing"):
        LinearPrior.from_arrays({name: a for name, a in arrays.items() if name != "bias"})
    with pytest.raises(ModelError, match="do not fit"):
        LinearPrior.from_arrays(arrays | {"mean": arrays["mean"][1:]})
