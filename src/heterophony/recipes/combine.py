"""`heterophony ensemble`: members and a method to an ensemble, and to what its choice is worth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from heterophony.ensemble import Method, Pool
from heterophony.ensemble.nested import Outcome
from heterophony.ensemble.summed import MEANS, Summed
from heterophony.ensemble.temperature import Temperatures, by_validation, needs_rows
from heterophony.errors import ConfigError, InputError
from heterophony.metrics import DRAWABLE
from heterophony.recipes.ensemble_settings import Settings
from heterophony.recipes.ways import AVERAGE, IN_SAMPLE, VALIDATED, Way, outcomes_of, random_way, way_of

OPTIMISTIC = "chosen on the test folds: optimistic"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Combined:
    """What came of it.

    Attributes:
        ways: The lines of the table.
        saved: The ensemble that is to be kept; None where nothing may be chosen without a flag.
        chosen_on: "validation", "test", or "nothing" for methods that do not choose.
        temperatures: Fold to the temperature of each member, of the saved ensemble.
        said: "distribution", or "top-score" where the logits hold no whole distribution.
        score: The one with the intervals.
        notes: What the table does not say.
    """

    ways: Sequence[Way]
    saved: Outcome | None
    chosen_on: str
    temperatures: Mapping[int, Temperatures]
    said: str
    score: str
    notes: Sequence[str] = ()

    @property
    def mark(self) -> str:
        """What must stand wherever the saved ensemble is shown; "" for nothing."""
        return OPTIMISTIC if self.chosen_on == "test" else ""


def refuse_choice(pool: Pool, method: Method, settings: Settings) -> None:
    """Refuses to choose what is saved on rows that are not there; to be asked before minutes of searching.

    Raises:
        InputError: Members lack validation predictions; they are named, and what to do.
    """
    if method.chooses and settings.choose_on == "validation" and pool.without_validation:
        raise InputError(
            f"no validation predictions of {_some(pool.without_validation)}: nothing honest to "
            "choose on. Use a method that does not choose (mean, vote), leave out --out to see the numbers, or choose "
            "with --choose-on test, which marks what it writes"
        )


def combine(
    pool: Pool,
    method: Method,
    settings: Settings,
    groups: Sequence[str | None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Combined:
    """Fits a method in every way there is, and scores each.

    Args:
        pool: The members, not calibrated.
        method: With its settings.
        settings: The rest.
        groups: Of the rows of the pool.
        progress: Called with (fits done, all).

    Raises:
        ConfigError: The score has no interval, or there are not so many members for random subsets.
        InputError: No row is labelled, or the method cannot be fitted.
    """
    if settings.score not in DRAWABLE:
        raise ConfigError(f"score {settings.score!r}: no interval of it; wanted one of {', '.join(DRAWABLE)}")
    bare = [member.name for member in pool.members if member.said == "top"]
    if bare and method.of != "hard":
        raise ConfigError(f"{', '.join(bare[:5])}: a class without a score can only vote: --method vote --of hard")
    ready, from_validation = by_validation(pool) if settings.calibrated else (pool, _ones(pool))
    unchosen = [random_way(ready, method.of, settings)] if settings.random else []
    outcomes = outcomes_of(ready, method, settings, progress)
    group_of = dict(zip(pool.tests[0].ids, groups or [None] * len(pool.tests[0]), strict=True))
    told = _said(pool, method.of)
    ways = [way_of(how, outcomes, pool.taxonomy, settings, group_of, told) for how in outcomes]
    if method.chooses:
        ways = [replace(way, note=OPTIMISTIC) if way.how == IN_SAMPLE else way for way in ways]
    chosen_on = settings.choose_on if method.chooses else "nothing"
    saved = outcomes.get({"validation": VALIDATED, "test": IN_SAMPLE, "nothing": AVERAGE}[chosen_on])
    temperatures = (
        {} if saved is None else {fold: from_validation[fold] * one.temperatures for fold, one in saved.by_fold.items()}
    )
    return Combined(
        ways=[*ways, *unchosen],
        saved=saved,
        chosen_on=chosen_on,
        temperatures=temperatures,
        said=told,
        score=settings.score,
        notes=_notes(pool, method, settings),
    )


def _said(pool: Pool, of: Summed) -> str:
    """Whether the logits are those of distributions: of members that say such, and of no vote."""
    whole = all(member.said == "distribution" for member in pool.members)
    return "distribution" if whole and of in MEANS else "top-score"


def _notes(pool: Pool, method: Method, settings: Settings) -> list[str]:
    notes = []
    if len(pool.folds) < 2:
        notes.append("one fold only: there is no other to choose on, so no nested choice")
    if method.chooses and pool.without_validation:
        notes.append(f"no validation predictions of {_some(pool.without_validation)}: no choice on them")
    if method.chooses and not pool.without_validation and pool.validation_left_out:
        notes.append(
            f"chosen on the validation rows that all members have; {pool.validation_left_out} others are left out"
        )
    if settings.calibrated and any(needs_rows(pool)):
        lacking = [name for name, want in zip(pool.names, needs_rows(pool), strict=True) if want]
        notes.append(f"temperatures of {_some(lacking)} are fitted on the rows that choose, never on scored ones")
    tops = [member.name for member in pool.members if member.said != "distribution"]
    if tops:
        notes.append(f"no temperature and no log-loss: {_some(tops)} hold the top class alone")
    return notes


def _some(names: Sequence[str], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _ones(pool: Pool) -> dict[int, Temperatures]:
    return {fold: np.ones(len(pool.members)) for fold in pool.folds}
