"""A regression mixed with a bridge from AudioSet: by hand, on bridges that a reader can follow."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from heterophony.encoders import audioset_classes
from heterophony.encoders.bridged_prior import FLOOR, SCORES, BridgedPrior, cross, read_bridge
from heterophony.encoders.linear_prior import LinearPrior
from heterophony.errors import InputError, ModelError
from heterophony.taxonomy import BST


def flat_regression(classes: int, bias: list[float] | None = None) -> LinearPrior:
    """Says the same of everything: softmax of the bias."""
    dim = SCORES.stop
    logits = np.zeros(classes) if bias is None else np.array(bias)
    return LinearPrior(
        np.zeros(dim, np.float32),
        np.ones(dim, np.float32),
        np.zeros((dim, classes), np.float32),
        logits.astype(np.float32),
    )


def heard(**scores: float) -> np.ndarray:
    """One embedding with these AudioSet scores: `heard(a3=0.5)`."""
    x = np.zeros((1, SCORES.stop), dtype=np.float32)
    for name, score in scores.items():
        x[0, SCORES.start + int(name[1:])] = score
    return x


@pytest.fixture
def bridge() -> np.ndarray:
    """AudioSet class 0 is class 0, class 1 is half 1 and half 2, all others are class 2."""
    b = np.zeros((521, 3), dtype=np.float32)
    b[0, 0] = 1.0
    b[1, 1:] = 0.5
    b[2:, 2] = 1.0
    return b


def test_a_sound_of_one_audioset_class_crosses_to_its_row(bridge: np.ndarray) -> None:
    np.testing.assert_allclose(cross(bridge, heard(a0=1.0))[0], [1, 0, 0], atol=0.01)
    np.testing.assert_allclose(cross(bridge, heard(a1=1.0))[0], [0, 0.5, 0.5], atol=0.01)


def test_scores_are_weights_and_floored(bridge: np.ndarray) -> None:
    """Exactly sum_k (a_k + floor) B[k] / sum_k (a_k + floor)."""
    total = 0.6 + 0.2 + 521 * FLOOR
    wanted = [(0.6 + FLOOR) / total, (0.2 + FLOOR) / 2 / total, ((0.2 + FLOOR) / 2 + 519 * FLOOR) / total]
    np.testing.assert_allclose(cross(bridge, heard(a0=0.6, a1=0.2))[0], wanted, rtol=1e-4)


def test_a_sound_without_any_score_is_the_mean_of_the_bridge(bridge: np.ndarray) -> None:
    np.testing.assert_allclose(cross(bridge, heard())[0], bridge.mean(axis=0), rtol=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_prior_is_the_mixture_of_both(bridge: np.ndarray, share: float) -> None:
    regression = np.array([0.7, 0.2, 0.1])
    prior = BridgedPrior(flat_regression(3, np.log(regression).tolist()), bridge, share)
    x = heard(a0=0.5, a1=0.5)
    mixed = (1 - share) * regression + share * cross(bridge, x)[0] + FLOOR
    np.testing.assert_allclose(prior.log_prior(x)[0], np.log(mixed / mixed.sum()), rtol=1e-4)
    np.testing.assert_allclose(np.exp(prior.log_prior(x)).sum(axis=1), 1, rtol=1e-5)


def test_a_class_without_recordings_gets_the_share_of_the_bridge(bridge: np.ndarray) -> None:
    prior = BridgedPrior(flat_regression(3, [0.0, 0.0, -12.0]), bridge, 0.5)
    assert np.exp(prior.log_prior(heard(a7=1.0)))[0, 2] == pytest.approx(0.5, abs=0.01)


def test_nothing_is_impossible(bridge: np.ndarray) -> None:
    prior = BridgedPrior(flat_regression(3, [0.0, -90.0, -90.0]), bridge, 0.0)
    assert (prior.log_prior(heard(a0=1.0)) > np.log(FLOOR) - 0.01).all()


def test_it_comes_back_from_its_arrays(bridge: np.ndarray) -> None:
    prior = BridgedPrior(flat_regression(3, [0.5, 0.0, -1.0]), bridge, 0.25)
    again = BridgedPrior.from_arrays(prior.to_arrays())
    np.testing.assert_array_equal(again.log_prior(heard(a0=0.5)), prior.log_prior(heard(a0=0.5)))
    assert again.share == 0.25


def test_arrays_that_lack_something_or_do_not_fit_are_refused(bridge: np.ndarray) -> None:
    arrays = BridgedPrior(flat_regression(3), bridge, 0.25).to_arrays()
    with pytest.raises(ModelError, match="arrays bridge and share are wanted"):
        BridgedPrior.from_arrays({name: a for name, a in arrays.items() if name != "share"})
    with pytest.raises(ModelError, match="regression to 3 classes"):
        BridgedPrior.from_arrays(arrays | {"bridge": bridge[:, :2]})


@pytest.mark.parametrize("change", [lambda x: x[:, :1024], lambda x: x - 0.5, lambda x: x + 1.5])
def test_an_embedding_without_scores_is_refused(bridge: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> None:
    with pytest.raises(ModelError, match=r"use the encoder yamnet\+scores, pooled by a mean first"):
        cross(bridge, change(heard(a0=0.5)))


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """Writes a bridge to two classes, with one cell changed."""

    def write(cell: str = "0.25", leave_out: int = 0, columns: tuple[str, ...] = ("mid", "x", "y")) -> str:
        with (tmp_path / "b.csv").open("w", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(columns)
            table.writerows([one.mid, cell, "0.75"] for one in audioset_classes()[leave_out:])
        return str(tmp_path / "b.csv")

    return write


def test_a_bridge_is_read_in_the_order_of_the_classes(written: Callable[..., str]) -> None:
    np.testing.assert_array_equal(read_bridge(written(), ("y", "x")), np.full((521, 2), [0.75, 0.25], np.float32))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"leave_out": 1}, "no row or column '/m/09x0r'"),
        ({"columns": ("mid", "x", "z")}, "no row or column 'y'"),
        ({"cell": "much"}, "wanted probabilities"),
        ({"cell": "0.5"}, "must be probabilities that sum to 1"),
        ({"cell": "-0.25"}, "must be probabilities that sum to 1"),
        ({"cell": "nan"}, "must be probabilities that sum to 1"),
    ],
)
def test_a_bridge_that_is_none_is_refused(
    written: Callable[..., str], options: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_bridge(written(**options), ("x", "y"))


def test_a_bridge_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match=r"bridge gone\.csv: no such table"):
        read_bridge("gone.csv", ("x",))


def test_the_bridge_of_the_package_knows_a_dog_from_a_voice() -> None:
    found = read_bridge("audioset-bst", BST.classes)
    names = [one.name for one in audioset_classes()]
    for name, top in (("Dog", "fx"), ("Speech", "sp"), ("Music", "m")):
        row = found[names.index(name)]
        assert BST.tops[BST.top_of[int(row.argmax())]] == top, name
