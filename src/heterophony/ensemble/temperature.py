"""A temperature for each member, because larger logits weigh more, and label smoothing and mixup make them smaller.

Each member's is fitted on its own validation predictions, fold by fold. Where it kept none, on rows that are not
scored. Tables with a class and a score alone get none: one number of the distribution says nothing about the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from heterophony.ensemble.pool import Member, Pool
from heterophony.predictions import Predictions, fit_temperature

Temperatures = Float64[np.ndarray, " members"]


def by_validation(pool: Pool) -> tuple[Pool, Mapping[int, Temperatures]]:
    """The pool with the logits of every fold divided by the temperature of its validation rows, and these by fold.

    Members without validation predictions of a fold are left as they are there (temperature 1).
    """
    members, found = [], {fold: np.ones(len(pool.members)) for fold in pool.folds}
    for place, member in enumerate(pool.members):
        own = _of_validation(member)
        for fold in set(own) & set(found):
            found[fold][place] = own[fold]
        validation = {fold: scaled(table, own.get(fold, 1.0)) for fold, table in member.validation.items()}
        members.append(replace(member, test=_scaled_folds(member.test, own), validation=validation))
    return replace(pool, members=members), found


def needs_rows(pool: Pool) -> list[bool]:
    """For each member, whether its temperature must come from the rows that an ensemble is fitted on."""
    lacking = set(pool.without_validation)
    return [member.said == "distribution" and member.name in lacking for member in pool.members]


def by_other_folds(pool: Pool) -> list[Predictions]:
    """The test tables; the rows of a fold with the temperature of the rows of all other folds, where one is needed."""
    tables = []
    for needed, member in zip(needs_rows(pool), pool.members, strict=True):
        table = member.test
        others = {fold: np.flatnonzero((table.fold != fold) & (table.target >= 0)) for fold in pool.folds}
        own = {
            fold: fit_temperature(table.logits[rows], table.target[rows])
            for fold, rows in others.items()
            if needed and len(rows)
        }
        tables.append(_scaled_folds(table, own))
    return tables


def by_rows(tables: Sequence[Predictions], needed: Sequence[bool]) -> Temperatures:
    """Temperatures of the labelled rows of `tables`, 1 for members that need none."""
    return np.array(
        [fit_temperature(one.logits, one.target) if want else 1.0 for one, want in zip(tables, needed, strict=True)]
    )


def scaled(table: Predictions, temperature: float) -> Predictions:
    """The table with its logits divided."""
    return table if temperature == 1 else replace(table, logits=(table.logits / temperature).astype(np.float32))


def _of_validation(member: Member) -> dict[int, float]:
    """Fold to temperature; of a class and a score alone none."""
    tables = member.validation.items() if member.said == "distribution" else ()
    return {fold: fit_temperature(table.logits, table.target) for fold, table in tables}


def _scaled_folds(table: Predictions, own: Mapping[int, float]) -> Predictions:
    """The rows of each fold divided by its temperature."""
    divisor = np.array([own.get(int(fold), 1.0) for fold in table.fold]).reshape(-1, 1)
    return replace(table, logits=(table.logits / divisor).astype(np.float32)) if own else table
