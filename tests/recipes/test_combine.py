from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.ensemble import Greedy, Linear, MeanOfAll, Stacking, Vote, Weighted, mean_of
from heterophony.errors import ConfigError, InputError
from heterophony.metrics import evaluate_folds
from heterophony.predictions import Predictions, fit_temperature
from heterophony.recipes.combine import OPTIMISTIC, Combined, combine, refuse_choice
from heterophony.recipes.ensemble_settings import settings_for
from heterophony.recipes.members import Members, read_members
from heterophony.recipes.ways import AVERAGE, IN_SAMPLE, NESTED, VALIDATED


@pytest.fixture(scope="module")
def members(ensemble_runs: list[Path]) -> Members:
    return read_members(ensemble_runs)


def bare(members: Members) -> Members:
    return replace(
        members, pool=replace(members.pool, members=[replace(m, validation={}) for m in members.pool.members])
    )


def by_how(done: Combined) -> dict[str, float]:
    return {way.how: way.scores["hierarchical_f1"][0] for way in done.ways}


@pytest.mark.parametrize("method", [Greedy(steps=5), Weighted(), Stacking(), MeanOfAll(), Vote()])
def test_the_same_numbers_stand_side_by_side_for_every_method(method: object, members: Members) -> None:
    told: list[tuple[int, int]] = []
    settings = settings_for("validation", "hierarchical_f1", random=10, size=2)
    done = combine(members.pool, method, settings, members.groups, lambda *now: told.append(now))
    wanted = [IN_SAMPLE, NESTED, *([VALIDATED] if method.chooses else []), AVERAGE, "10 random subsets of 2"]
    assert [way.how for way in done.ways] == wanted
    assert told[-1][0] == told[-1][1] == (7 if method.chooses else 4)
    assert done.chosen_on == ("validation" if method.chooses else "nothing")
    assert (done.ways[0].note == OPTIMISTIC) == method.chooses
    assert done.said == ("top-score" if isinstance(method, Vote) else "distribution")


def test_what_is_saved_was_chosen_on_the_validation_rows_of_its_fold(members: Members) -> None:
    done = combine(members.pool, Greedy(), settings_for("validation", "hierarchical_f1"))
    pool = members.pool
    for fold in range(3):
        held = pool.validation(fold)
        scale = [fit_temperature(one.logits, one.target) for one in held]
        np.testing.assert_allclose(done.temperatures[fold], scale)
        ready = [replace(one, logits=one.logits / np.float32(by)) for one, by in zip(held, scale, strict=True)]
        wanted = Greedy().fit(ready, pool.taxonomy)
        np.testing.assert_allclose(done.saved.by_fold[fold].ensemble.weights, wanted.weights)
        tests = [
            replace(one, logits=one.logits / np.float32(by))
            for one, by in zip(pool.in_folds([fold]), scale, strict=True)
        ]
        rows = np.flatnonzero(done.saved.predictions.fold == fold)
        np.testing.assert_allclose(done.saved.predictions.take(rows).logits, wanted.combine(tests).logits, atol=1e-4)


def test_the_average_of_calibrated_members_is_not_led_by_the_loudest(members: Members) -> None:
    """The last run is five times as loud: without temperatures it decides the mean of the logits nearly alone."""

    def said(calibrated: bool) -> Predictions:
        settings = settings_for("validation", "hierarchical_f1", calibrated=calibrated)
        return combine(members.pool, MeanOfAll(of="logits"), settings).saved.predictions

    loud = members.pool.tests[3]
    order = np.argsort(loud.fold, kind="stable")

    def agreement(table: Predictions) -> float:
        return float(
            (table.logits.argmax(1) == loud.logits.argmax(1)[[loud.ids.index(key) for key in table.ids]]).mean()
        )

    assert agreement(said(calibrated=False)) > agreement(said(calibrated=True)) + 0.05
    np.testing.assert_allclose(
        said(calibrated=False).logits[order], mean_of(members.pool.tests, of="logits").logits[order], atol=1e-5
    )


def test_scores_and_differences_are_those_of_the_tables(members: Members) -> None:
    done = combine(members.pool, Greedy(), settings_for("test", "accuracy", calibrated=False))
    average = mean_of(members.pool.tests, of="log-probabilities")
    wanted = np.mean([fold["accuracy"] for fold in evaluate_folds(average, members.pool.taxonomy).values()])
    rows = {way.how: way for way in done.ways}
    np.testing.assert_allclose(rows[AVERAGE].scores["accuracy"][0], wanted)
    assert rows[AVERAGE].difference is None
    gain = rows[IN_SAMPLE].scores["accuracy"][0] - wanted
    np.testing.assert_allclose(rows[IN_SAMPLE].difference.value, gain, atol=1e-12)
    assert rows[IN_SAMPLE].interval.low <= rows[IN_SAMPLE].scores["accuracy"][0] <= rows[IN_SAMPLE].interval.high
    assert done.score == "accuracy"


def test_choosing_on_test_folds_is_marked(members: Members) -> None:
    done = combine(bare(members).pool, Greedy(), settings_for("test", "hierarchical_f1"))
    assert (done.chosen_on, done.mark) == ("test", OPTIMISTIC)
    fitted = [one.ensemble.weights for one in done.saved.by_fold.values()]
    np.testing.assert_array_equal(fitted[0], fitted[1])


def test_without_validation_and_without_the_flag_nothing_is_saved(members: Members) -> None:
    settings, pool = settings_for("validation", "hierarchical_f1"), bare(members).pool
    with pytest.raises(
        InputError, match="no validation predictions of run0, run1, run2, run3: nothing honest to choose on"
    ):
        refuse_choice(pool, Greedy(), settings)
    refuse_choice(pool, MeanOfAll(), settings)
    refuse_choice(pool, Greedy(), settings_for("test", "hierarchical_f1"))
    refuse_choice(members.pool, Greedy(), settings)
    done = combine(pool, Greedy(), settings)
    assert done.saved is None
    assert "no validation predictions of run0, run1, run2, run3: no choice on them" in done.notes


def test_one_fold_has_no_nested_number_and_says_so(members: Members) -> None:
    one = [replace(m, test=replace(m.test, fold=np.zeros(90, int)), validation={}) for m in members.pool.members]
    done = combine(replace(members.pool, members=one), Greedy(), settings_for("test", "hierarchical_f1"))
    assert list(by_how(done)) == [IN_SAMPLE, AVERAGE]
    assert any(note.startswith("one fold only") for note in done.notes)


def test_members_with_the_top_class_alone_have_no_log_loss_and_no_temperature(members: Members) -> None:
    tops = [replace(m, said="top-score", validation={}) for m in members.pool.members]
    done = combine(replace(members.pool, members=tops), Greedy(), settings_for("test", "hierarchical_f1"))
    assert not {"log_loss", "macro_log_loss", "calibration_error"} & set(done.ways[0].scores)
    np.testing.assert_array_equal(done.temperatures[0], np.ones(4))
    alone = [replace(m, said="top") for m in tops[:1]] + tops[1:]
    with pytest.raises(ConfigError, match="run0: a class without a score can only vote: --method vote --of hard"):
        combine(replace(members.pool, members=alone), Greedy(), settings_for("test", "hierarchical_f1"))
    assert (
        combine(replace(members.pool, members=alone), Vote(), settings_for("test", "hierarchical_f1")).said
        == "top-score"
    )


def test_groups_are_drawn_as_a_whole_if_wanted(members: Members) -> None:
    groups = [f"u{row // 6}" for row in range(90)]
    plain, grouped = (
        combine(members.pool, MeanOfAll(), settings_for("validation", "accuracy", by_group=by), groups).ways[0].interval
        for by in (False, True)
    )
    assert plain.value == grouped.value
    assert (plain.low, plain.high) != (grouped.low, grouped.high)


def test_a_log_loss_is_sought_but_f1_has_the_interval(members: Members) -> None:
    done = combine(members.pool, Greedy(score="log_loss"), settings_for("validation", "log_loss"))
    assert done.score == "hierarchical_f1"
    assert isinstance(done.saved.by_fold[0].ensemble, Linear)


def test_validation_rows_that_some_lack_are_told(members: Members) -> None:
    first, *others = members.pool.members
    fewer = {fold: table.take(np.arange(35)) for fold, table in first.validation.items()}
    done = combine(
        replace(members.pool, members=[replace(first, validation=fewer), *others]),
        Greedy(),
        settings_for("validation", "hierarchical_f1"),
    )
    assert "chosen on the validation rows that all members have; 15 others are left out" in done.notes
    assert done.saved is not None
