"""A row's own label never has a say in what a prior tells a network about that row."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heterophony.errors import ConfigError
from heterophony.recipes.inputs import stacked
from heterophony.recipes.priors import PRIORS, fit_priors, log_priors, out_of_fold
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import LinearPriorSpec, TfidfPriorSpec
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["a", "b"], None)
SPECS = {"ear": LinearPriorSpec(kind="linear", of="sound"), "text": TfidfPriorSpec(kind="tfidf")}


@pytest.fixture
def grouped(made: Callable[..., Samples]) -> Samples:
    """Forty rows in ten groups of four; each has each class twice; a pair of both classes in ten lacks something."""
    has = [{0: "s", 6: "w"}.get(row // 2 % 10, "sw") for row in range(40)]
    return made([row % 2 for row in range(40)], has, [f"g{row // 4}" for row in range(40)])


def relabelled(samples: Samples, group: str) -> Samples:
    """The labels of one group reversed. Its class counts, and so the folds, stay as they are."""
    rows = np.array([one == group for one in samples.groups])
    return replace(samples, target=np.where(rows, 1 - samples.target, samples.target))


@pytest.mark.parametrize("group", ["g0", "g3", "g9"])
def test_what_is_said_of_a_row_does_not_change_with_its_own_label(grouped: Samples, group: str) -> None:
    before = out_of_fold(SPECS, grouped, TREE, seed=1)
    after = out_of_fold(SPECS, relabelled(grouped, group), TREE, seed=1)
    own = np.array([one == group for one in grouped.groups])
    for name in SPECS:
        np.testing.assert_array_equal(before[name][own], after[name][own])
        assert np.abs(before[name] - after[name])[~own].max() > 1e-3, "the label taught the others nothing"


def test_a_fit_on_everything_would_have_told(grouped: Samples) -> None:
    """The check above can fail: in-sample, the label of a row does change what is said of it."""
    own = np.array([one == "g3" for one in grouped.groups])
    said = [log_priors(fit_priors(SPECS, one, TREE), SPECS, one) for one in (grouped, relabelled(grouped, "g3"))]
    assert np.abs(said[0]["ear"] - said[1]["ear"])[own].max() > 1e-3


def test_no_fit_sees_the_group_that_it_speaks_of(grouped: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[str | None]] = []

    def spy(specs: object, samples: Samples, taxonomy: object, seed: int) -> None:
        import heterophony.recipes.priors as room

        fit = room._fit

        def watched(name: str, spec: object, kept: Samples, tree: object) -> object:
            seen.append(set(kept.groups))
            return fit(name, spec, kept, tree)

        monkeypatch.setattr(room, "_fit", watched)
        out_of_fold(specs, samples, taxonomy, seed)

    spy(SPECS, grouped, TREE, 0)
    everyone = set(grouped.groups)
    for prior in (seen[:5], seen[5:]):
        held = [everyone - kept for kept in prior]
        assert set.union(*held) == everyone
        assert sum(map(len, held)) == len(everyone)


def test_rows_without_a_group_stand_for_themselves(made: Callable[..., Samples]) -> None:
    samples = made([row % 2 for row in range(20)], ["sw"] * 20)
    said = out_of_fold(SPECS, samples, TREE, seed=0)
    np.testing.assert_allclose(np.exp(said["ear"]).sum(axis=1), 1, rtol=1e-5)


def test_of_a_row_without_the_modality_nothing_is_said(grouped: Samples) -> None:
    for said in (
        out_of_fold(SPECS, grouped, TREE, seed=0),
        log_priors(fit_priors(SPECS, grouped, TREE), SPECS, grouped),
    ):
        for name, modality in (("ear", "sound"), ("text", "words")):
            there = grouped.present[modality]
            assert not said[name][~there].any()
            np.testing.assert_allclose(np.exp(said[name][there]).sum(axis=1), 1, rtol=1e-5)


def test_the_same_seed_gives_the_same_folds(grouped: Samples) -> None:
    first, again, other = (out_of_fold(SPECS, grouped, TREE, seed=seed)["ear"] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_prior_of_a_modality_that_no_row_has_is_refused(made: Callable[..., Samples]) -> None:
    with pytest.raises(ConfigError, match="prior 'ear' reads sound, but no training row has any"):
        fit_priors(SPECS, made([0, 1], ["w", "w"]), TREE)
    with pytest.raises(ConfigError, match="'ear'"):
        out_of_fold(SPECS, made([0, 1] * 5, ["w"] * 10), TREE, seed=0)


def test_out_of_fold_needs_two_groups(made: Callable[..., Samples]) -> None:
    with pytest.raises(ConfigError, match=r"'ear' is fitted out of fold: .* two groups, and 6 of 1 came"):
        out_of_fold(SPECS, made([0, 1] * 3, ["sw"] * 6, ["g"] * 6), TREE, seed=0)


@pytest.mark.parametrize("target", [[0, 1, 0], [0, 1], [0, 1, 0, 1]])
def test_few_rows_are_left_out_one_by_one(made: Callable[..., Samples], target: list[int]) -> None:
    said = out_of_fold(SPECS, made(target, ["sw"] * len(target)), TREE, seed=0)
    np.testing.assert_allclose(np.exp(said["text"]).sum(axis=1), 1, rtol=1e-5)


def test_a_prior_comes_back_from_its_arrays(grouped: Samples) -> None:
    priors = fit_priors(SPECS, grouped, TREE)
    again = {name: PRIORS[SPECS[name].kind].from_arrays(prior.to_arrays()) for name, prior in priors.items()}
    for name, said in log_priors(again, SPECS, grouped).items():
        np.testing.assert_array_equal(said, log_priors(priors, SPECS, grouped)[name])


def test_rows_with_a_soft_label_teach_no_prior(grouped: Samples) -> None:
    """With them or without them the fits are the same; of them speaks the fit on all others."""
    own, soft = grouped.take(np.arange(28)), grouped.take(np.arange(28, 40))
    soft = replace(soft, target=np.full(12, -1), soft=np.full((12, 2), 0.5, dtype=np.float32))
    both = stacked(own, soft)
    alone, together = fit_priors(SPECS, own, TREE), fit_priors(SPECS, both, TREE)
    for name, said in out_of_fold(SPECS, both, TREE, seed=3).items():
        for key, array in alone[name].to_arrays().items():
            np.testing.assert_array_equal(together[name].to_arrays()[key], array)
        np.testing.assert_array_equal(said[:28], out_of_fold(SPECS, own, TREE, seed=3)[name])
        np.testing.assert_array_equal(said[28:], log_priors(alone, SPECS, soft)[name])
