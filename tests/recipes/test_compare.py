"""The rows of a sweep's table, recomputed by hand from the predictions that the runs saved."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import read_collection
from heterophony.ensemble import mean_of
from heterophony.errors import ConfigError
from heterophony.metrics import evaluate_folds, paired_difference
from heterophony.predictions import Predictions, pooled, softmax
from heterophony.recipes.collection import Sources, Work, read_sources
from heterophony.recipes.compare import compare, refuse_other_score
from heterophony.recipes.spec import DmGcnSpec
from heterophony.recipes.sweep import Sweep, sweep
from heterophony.taxonomy import BST


@pytest.fixture(scope="module")
def sources(bsd10k: Path) -> Sources:
    return read_sources(read_collection(bsd10k), bsd10k, {}, {}, Work())


@pytest.fixture(scope="module")
def done(sources: Sources, tiny_bst: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, Path]:
    """Two seeds of two recipes, and the ensemble of them."""
    out = tmp_path_factory.mktemp("sweep")
    return sweep([str(tiny_bst / f"{name}.yaml") for name in ("both", "mixup", "base")], sources, out, seeds=2), out


def saved(out: Path, name: str) -> list[Predictions]:
    """The test predictions of all folds, a table for each seed."""
    seeds = sorted((out / name).iterdir())
    return [pooled([Predictions.load(seed / f"fold_{k}" / "predictions_test.npz") for k in range(3)]) for seed in seeds]


def hf1(tables: list[Predictions]) -> np.ndarray:
    """`[seeds, folds]`."""
    return np.array([[fold["hierarchical_f1"] for fold in evaluate_folds(t, BST).values()] for t in tables])


def test_mean_and_spread_are_over_folds_each_the_mean_of_its_seeds(done: tuple[Sweep, Path]) -> None:
    both, mixup, base = compare(*done, seeds=2)
    assert [row.name for row in (both, mixup, base)] == ["both", "mixup", "base"], "in the order asked for"
    for row in (mixup, base):
        values = hf1(saved(done[1], row.name))
        assert values.shape == (2, 3)
        assert row.ours == pytest.approx((values.mean(), values.mean(axis=0).std()))
        assert row.clips == 44


def test_the_difference_is_that_of_the_saved_predictions_of_all_seeds(done: tuple[Sweep, Path]) -> None:
    _, mixup, base = compare(*done, seeds=2)
    ours, theirs = saved(done[1], "mixup"), saved(done[1], "base")
    assert mixup.difference == paired_difference(ours, theirs, BST)
    assert mixup.difference is not None
    assert mixup.difference.value == pytest.approx(hf1(ours).mean() - hf1(theirs).mean())
    assert mixup.baseline == "base"
    assert (base.difference, base.baseline, base.note) == (None, "", "")


def test_an_ensemble_is_the_mean_of_its_members_seed_by_seed(done: tuple[Sweep, Path]) -> None:
    both = compare(*done, seeds=2)[0]
    members = list(zip(saved(done[1], "base"), saved(done[1], "mixup"), strict=True))
    by_hand = []
    for one, other in members:
        place = [other.ids.index(key) for key in one.ids]
        mean = (softmax(one.logits) + softmax(other.logits[place])) / 2
        by_hand.append(replace(one, logits=np.log(mean).astype(np.float32)))
    values = hf1(by_hand)
    assert both.ours == pytest.approx((values.mean(), values.mean(axis=0).std()))
    tables = [mean_of(pair, of="probabilities") for pair in members]
    assert both.difference == paired_difference(tables, saved(done[1], "base"), BST)


def test_groups_are_drawn_whole_where_that_is_asked_for(done: tuple[Sweep, Path], sources: Sources) -> None:
    mixup = compare(*done, seeds=2, by_group=True)[1]
    ours = saved(done[1], "mixup")
    group = {clip.id: clip.group for clip in sources.own.found.clips}
    groups = [group[key] for key in ours[0].ids]
    assert mixup.difference == paired_difference(ours, saved(done[1], "base"), BST, groups=groups)
    assert mixup.difference != compare(*done, seeds=2)[1].difference


def test_another_score_has_no_published_numbers_beside_it(done: tuple[Sweep, Path]) -> None:
    row = compare(*done, seeds=2, score="accuracy")[1]
    values = [[fold["accuracy"] for fold in evaluate_folds(t, BST).values()] for t in saved(done[1], "mixup")]
    assert row.ours[0] == pytest.approx(np.mean(values))
    assert (row.paper, row.recomputed) == (None, None)


def test_numbers_of_two_protocols_are_marked_and_never_subtracted(done: tuple[Sweep, Path]) -> None:
    made, out = done
    recipes = dict(made.recipes)
    (name,) = [name for name in recipes if Path(name).stem == "mixup"]
    clip = {"model": DmGcnSpec(name="dm-gcn", protocol="clip")}
    recipes[name] = recipes[name].model_copy(update=clip)
    both, mixup, base = compare(replace(made, recipes=recipes), out, seeds=2)
    assert (mixup.difference, mixup.note) == (None, "clip; no difference is taken: its baseline is each sample alone")
    assert base.note == ""
    assert both.difference is None
    assert " and " in both.note.partition(";")[0]


@pytest.mark.parametrize(("score", "hint"), [("accurasy", "did you mean accuracy"), ("log_loss", "no such score, or")])
def test_a_score_that_cannot_be_compared_is_refused(done: tuple[Sweep, Path], score: str, hint: str) -> None:
    for call in (lambda: refuse_other_score(score), lambda: compare(*done, seeds=2, score=score)):
        with pytest.raises(ConfigError, match=hint):
            call()


@pytest.fixture
def small(tiny_bst: Path, sources: Sources, tmp_path: Path) -> Callable[..., tuple[Sweep, Path]]:
    """Sweeps recipes of which each is written as (name, text); the small ones lie beside them."""

    def run(*written: tuple[str, str], using: Sources = sources) -> tuple[Sweep, Path]:
        names = []
        for path in tiny_bst.iterdir():
            (tmp_path / path.name).write_text(path.read_text())
        for name, text in written:
            (tmp_path / f"{name}.yaml").write_text(text)
            names.append(str(tmp_path / f"{name}.yaml"))
        return sweep(names, using, tmp_path / "out"), tmp_path / "out"

    return run


def test_published_numbers_come_in_per_cent_and_go_as_fractions(small: Callable[..., tuple[Sweep, Path]]) -> None:
    text = "extends: base.yaml\npublished: {paper: [79.01, 0.54], recomputed: [78.5, null], accuracy: 91.3}\n"
    made = small(("known", text))
    (row,) = compare(*made)
    assert row.paper == pytest.approx((0.7901, 0.0054))
    assert row.recomputed is not None
    assert (row.recomputed[0], row.recomputed[1]) == (pytest.approx(0.785), None)
    assert compare(*made, score="accuracy")[0].paper == (pytest.approx(0.913), None)
    assert compare(*made, score="macro_f1")[0].paper is None


def test_rows_in_other_folds_have_no_difference_but_a_note(small: Callable[..., tuple[Sweep, Path]]) -> None:
    """By ear alone one row more is complete; and another seed parts the same rows otherwise."""
    made, out = small(
        ("ear", "extends: sound.yaml\n"),
        ("parted", "extends: base.yaml\nbaseline: base.yaml\nsplit: {seed: 5}\n"),
    )
    ear, parted = compare(made, out)
    assert (ear.difference, ear.note) == (None, "45 rows in other folds than the baseline's 44")
    assert (parted.difference, parted.note) == (None, "44 rows in other folds than the baseline's 44")


def test_an_ensemble_over_other_rows_is_told_as_failed(small: Callable[..., tuple[Sweep, Path]]) -> None:
    made, out = small(
        ("mix", "name: mix\nensemble: [base.yaml, sound.yaml]\n"),
        ("half", "extends: base.yaml\n"),
    )
    (half,) = compare(made, out)
    assert half.name == "half"
    (reason,) = made.failed.values()
    assert "its members are not of the same rows in the same folds" in reason


def test_what_could_not_be_run_is_said_of_what_needs_it(small: Callable[..., tuple[Sweep, Path]]) -> None:
    made, out = small(
        ("mix", "name: mix\nensemble: [base.yaml, median.yaml]\n"),
        ("against", "extends: base.yaml\nbaseline: median.yaml\n"),
    )
    (against,) = compare(made, out)
    assert (against.difference, against.note) == (None, "its baseline median could not be run")
    reasons = {Path(name).stem: reason for name, reason in made.failed.items()}
    assert set(reasons) == {"mix", "median"}
    assert "could not be run" in reasons["mix"]


def test_vectors_in_place_of_an_encoders_are_told(
    small: Callable[..., tuple[Sweep, Path]], sources: Sources, tmp_path: Path
) -> None:
    np.save(tmp_path / "mine.npy", np.random.default_rng(1).normal(size=(45, 8)).astype(np.float32))
    using = replace(sources, own=replace(sources.own, features={"sound": str(tmp_path / "mine.npy")}))
    (row,) = compare(*small(("own", "extends: base.yaml\n"), using=using))
    assert row.note == "sound given:mine.npy"


def test_something_was_learned_that_can_be_compared(done: tuple[Sweep, Path]) -> None:
    """A mean of zeros would make the other tests blind; always to say fx-a gives 0.23."""
    rows = compare(*done, seeds=2)
    assert max(row.ours[0] for row in rows) > 0.25
    assert all(row.difference is None or row.difference.value for row in rows)
