from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heterophony.ensemble import SCORES, Linear
from heterophony.ensemble.scorer import scorer_of
from heterophony.errors import ConfigError, InputError
from heterophony.metrics import evaluate_folds
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy

Make = Callable[..., Predictions]
WEIGHTS = np.array([[1.0, 0, 0], [1, 1, 0], [1, 1, 1], [0, 3, 2]])


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("of", ["probabilities", "log-probabilities", "hard"])
def test_scores_of_sums_are_those_of_the_combined_tables(score: str, of: str, member: Make, tree: Taxonomy) -> None:
    if of == "hard" and "log_loss" in score:
        with pytest.raises(ConfigError, match=r"votes \(hard\) give no probabilities; choose one of accuracy"):
            scorer_of([member(1)], tree, of, score)
        return
    members = [member(1), member(2), member(3, noise=2.5)]
    members = [replace(one, target=np.where(np.arange(90) < 5, -1, one.target)) for one in members]  # unknown rows
    got = scorer_of(members, tree, of, score).of_weights(WEIGHTS)
    slow = []
    for weights in WEIGHTS:
        table = Linear(weights=weights / weights.sum(), of=of).combine(members)
        slow.append(np.mean([fold[score] for fold in evaluate_folds(table, tree).values()]))
    np.testing.assert_allclose(np.abs(got), slow, atol=1e-6)
    assert (got <= 0).all() == ("log_loss" in score)


def test_rows_on_which_all_agree_are_not_looked_at_again(member: Make, tree: Taxonomy) -> None:
    members = [member(1), member(2)]
    agree = members[0].logits.argmax(axis=1) == members[1].logits.argmax(axis=1)
    scorer = scorer_of(members, tree, "logits", "accuracy")
    assert scorer.values.shape == (2, int((~agree).sum()), 4)
    assert scorer.certain.sum() == agree.sum()


def test_members_that_always_agree_have_nothing_to_look_at(member: Make, tree: Taxonomy) -> None:
    scorer = scorer_of([member(1), member(1)], tree, "logits", "accuracy")
    right = np.mean(member(1).logits.argmax(axis=1) == member(1).target)
    np.testing.assert_allclose(scorer.of_weights(np.eye(2)), right)


def test_what_cannot_be_scored_is_refused(member: Make, tree: Taxonomy) -> None:
    with pytest.raises(ConfigError, match="score 'beauty': none that can be sought; wanted one of accuracy"):
        scorer_of([member(1)], tree, "logits", "beauty")
    with pytest.raises(InputError, match="no labelled row to choose by"):
        scorer_of([replace(member(1), target=np.full(90, -1))], tree, "logits", "accuracy")
