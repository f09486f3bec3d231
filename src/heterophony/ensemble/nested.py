"""What a choice is worth: the same method, chosen and scored on different rows.

* `in_sample`: chosen and scored on the same test folds, as papers report it; too good by what the choice fits.
* `nested`: for each fold, chosen on the test rows of the others and scored on its own.
* `on_validation`: for each fold, chosen on its validation rows and scored on its test rows.
* `average`: all members, nothing chosen.
* `random_scores`: what a subset is worth that nobody chose.

Source: Cawley, Talbot, "On over-fitting in model selection and subsequent selection bias in performance evaluation",
JMLR 11, 2010.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from heterophony.ensemble.mean import MeanOfAll
from heterophony.ensemble.method import Ensemble, Method
from heterophony.ensemble.pool import Pool
from heterophony.ensemble.scorer import scorer_of
from heterophony.ensemble.summed import Summed
from heterophony.ensemble.temperature import Temperatures, by_rows, needs_rows, scaled
from heterophony.errors import ConfigError, InputError
from heterophony.predictions import Predictions, pooled
from heterophony.taxonomy import Taxonomy

OnFit = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """An ensemble with the temperatures that its members got from the rows it was fitted on.

    Attributes:
        ensemble: Combines the scaled tables.
        temperatures: One per member; 1 where it has one from elsewhere, or none.
    """

    ensemble: Ensemble
    temperatures: Temperatures

    def combine(self, members: Sequence[Predictions]) -> Predictions:
        """One table of tables that are not scaled yet."""
        scale = self.temperatures.tolist()
        return self.ensemble.combine([scaled(one, by) for one, by in zip(members, scale, strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What came of a way to choose.

    Attributes:
        by_fold: For each scored fold the ensemble that scored it.
        predictions: Of the test rows of all folds.
    """

    by_fold: Mapping[int, Fitted]
    predictions: Predictions


def in_sample(pool: Pool, method: Method, *, calibrated: bool = True) -> Outcome:
    """Chosen and scored on the test rows of all folds; one ensemble for all."""
    fitted = _fit(pool, method, pool.tests, calibrated=calibrated)
    return Outcome(by_fold=dict.fromkeys(pool.folds, fitted), predictions=fitted.combine(pool.tests))


def nested(pool: Pool, method: Method, *, calibrated: bool = True, on_fit: OnFit | None = None) -> Outcome:
    """For each fold, chosen on the test rows of the others, temperatures too.

    Raises:
        InputError: There is one fold only.
    """
    folds = pool.folds
    if len(folds) < 2:
        raise InputError("nested choice: one fold only, no other to choose on; give predictions of two folds or more")

    def fit(fold: int) -> Fitted:
        rest = pool.in_folds([other for other in folds if other != fold])
        return _fit(pool, method, rest, calibrated=calibrated)

    return _fold_by_fold(pool, fit, on_fit)


def on_validation(pool: Pool, method: Method, *, on_fit: OnFit | None = None) -> Outcome:
    """For each fold, chosen on its validation rows; scale the pool `by_validation` before.

    Raises:
        InputError: A member has no validation predictions of a fold; all such are named.
    """
    return _fold_by_fold(pool, lambda fold: _fit(pool, method, pool.validation(fold), calibrated=False), on_fit)


def average(pool: Pool, of: Summed, *, calibrated: bool = True) -> Outcome:
    """All members alike; a temperature that must come from test rows comes from those of other folds.

    With one fold only there is no other, and members that kept no validation predictions get no temperature.
    """
    method = MeanOfAll(of=of)
    if calibrated and any(needs_rows(pool)) and len(pool.folds) > 1:
        return nested(pool, method)
    return in_sample(pool, method, calibrated=False)


def random_scores(
    tables: Sequence[Predictions], taxonomy: Taxonomy, of: Summed, score: str, *, size: int, count: int, seed: int
) -> Float64[np.ndarray, " count"]:
    """Scores of means of `size` members that are drawn without looking.

    Raises:
        ConfigError: There are not so many members, or no such score.
    """
    if not 1 <= size <= len(tables) or count < 1:
        raise ConfigError(f"random subsets: {count} of size {size}; wanted one or more, of 1 to {len(tables)} members")
    generator = np.random.default_rng(seed)
    weights = np.zeros((count, len(tables)))
    for row in weights:
        row[generator.choice(len(tables), size, replace=False)] = 1
    return scorer_of(tables, taxonomy, of, score).of_weights(weights)


def _fit(pool: Pool, method: Method, tables: Sequence[Predictions], *, calibrated: bool) -> Fitted:
    needed = needs_rows(pool) if calibrated else [False] * len(tables)
    temperatures = by_rows(tables, needed)
    ready = [scaled(one, by) for one, by in zip(tables, temperatures.tolist(), strict=True)]
    return Fitted(ensemble=method.fit(ready, pool.taxonomy), temperatures=temperatures)


def _fold_by_fold(pool: Pool, fit: Callable[[int], Fitted], on_fit: OnFit | None) -> Outcome:
    """Fits for each fold and scores it; rows of unlabelled folds have no ensemble and are left out."""
    fitted, tables = {}, []
    for fold in pool.folds:
        fitted[fold] = fit(fold)
        tables.append(fitted[fold].combine(pool.in_folds([fold])))
        if on_fit is not None:
            on_fit()
    return Outcome(by_fold=fitted, predictions=pooled(tables))
