"""`heterophony ensemble`: members and a method to an ensemble, and to what its choice is worth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from heterophony.ensemble import SCORES, Method, Pool, average, in_sample, nested, on_validation, random_scores
from heterophony.ensemble.nested import Outcome
from heterophony.ensemble.summed import MEANS, Summed
from heterophony.ensemble.temperature import Temperatures, by_other_folds, by_validation, needs_rows
from heterophony.errors import ConfigError, InputError
from heterophony.metrics import DRAWABLE, Interval, evaluate_folds, interval, mean_and_spread, paired_difference
from heterophony.recipes.complaints import nearest
from heterophony.taxonomy import Taxonomy

ChooseOn = Literal["validation", "test"]
IN_SAMPLE = "in-sample, as papers report it"
NESTED = "nested: chosen on the other folds"
VALIDATED = "chosen on validation"
AVERAGE = "average of all, nothing chosen"
OPTIMISTIC = "chosen on the test folds: optimistic"
OF_DISTRIBUTIONS = ("log_loss", "macro_log_loss", "calibration_error")
"""Scores that are known only where members say whole distributions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to combine.

    Attributes:
        score: What the table shows with its interval, a name in `DRAWABLE`.
        choose_on: What decides the ensemble that is saved.
        calibrated: Whether members get temperatures.
        by_group: Draw whole groups for the intervals.
        random: How many random subsets, 0 for none.
        size: Of how many members each.
        seed: Of the random subsets.
    """

    score: str = "hierarchical_f1"
    choose_on: ChooseOn = "validation"
    calibrated: bool = True
    by_group: bool = False
    random: int = 0
    size: int = 5
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """One line of the table: a way to choose, and what comes of it.

    Attributes:
        how: What was chosen on what.
        scores: Score name to (mean, population standard deviation) over the folds; of random subsets over these.
        interval: Of the shown score; None where nothing was drawn.
        difference: To the average of all, of the shown score; None for that itself.
        members: Fewest and most members with weight, over the folds.
        note: What to keep in mind.
    """

    how: str
    scores: Mapping[str, tuple[float, float]]
    interval: Interval | None = None
    difference: Interval | None = None
    members: tuple[int, int] = (0, 0)
    note: str = ""


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


def settings_for(
    choose_on: str,
    score: str,
    *,
    calibrated: bool = True,
    by_group: bool = False,
    random: int = 0,
    size: int = 5,
    seed: int = 0,
) -> Settings:
    """Settings from names. The table shows the score that is sought, or hierarchical F1 beside a log-loss.

    Raises:
        ConfigError: There is no such score, or nothing of this name to choose on; the nearest is named.
    """
    if choose_on not in get_args(ChooseOn):
        raise ConfigError(f"--choose-on {choose_on}: wanted validation or test")
    if score not in SCORES:
        raise ConfigError(f"--score {score}: no such score; {nearest(score, list(SCORES))}")
    return Settings(
        score=score if score in DRAWABLE else "hierarchical_f1",
        choose_on="test" if choose_on == "test" else "validation",
        calibrated=calibrated,
        by_group=by_group,
        random=random,
        size=size,
        seed=seed,
    )


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
    unchosen = [_random(ready, method.of, settings)] if settings.random else []
    outcomes = _outcomes(ready, method, settings, progress)
    group_of = dict(zip(pool.tests[0].ids, groups or [None] * len(pool.tests[0]), strict=True))
    told = _said(pool, method.of)
    ways = [_way(how, outcomes, pool.taxonomy, settings, group_of, told) for how in outcomes]
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


def _outcomes(
    pool: Pool, method: Method, settings: Settings, progress: Callable[[int, int], None] | None
) -> dict[str, Outcome]:
    """Every way that the rows allow, by what it is called."""
    folds, validated = len(pool.folds), method.chooses and not pool.without_validation
    every, done = 1 + (folds if folds > 1 else 0) + (folds if validated else 0), 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, every)

    calibrated = settings.calibrated
    found = {IN_SAMPLE: in_sample(pool, method, calibrated=calibrated)}
    step()
    if folds > 1:
        found[NESTED] = nested(pool, method, calibrated=calibrated, on_fit=step)
    if validated:
        found[VALIDATED] = on_validation(pool, method, on_fit=step)
    found[AVERAGE] = average(pool, method.of, calibrated=calibrated)
    return found


def _way(
    how: str,
    outcomes: Mapping[str, Outcome],
    taxonomy: Taxonomy,
    settings: Settings,
    group_of: Mapping[str, str | None],
    said: str,
) -> Way:
    outcome, score = outcomes[how], settings.score
    table = outcome.predictions
    scores = mean_and_spread(list(evaluate_folds(table, taxonomy).values()))
    if said != "distribution":
        scores = {name: pair for name, pair in scores.items() if name not in OF_DISTRIBUTIONS}
    groups = [group_of[key] for key in table.ids] if settings.by_group else None
    counts = [int((one.ensemble.weights > 0).sum()) for one in outcome.by_fold.values()]
    difference = None
    if how != AVERAGE:
        other = outcomes[AVERAGE].predictions
        difference = paired_difference(table, other, taxonomy, score=score, groups=groups, seed=settings.seed)
    return Way(
        how=how,
        scores=scores,
        interval=interval(table, taxonomy, score=score, groups=groups, seed=settings.seed),
        difference=difference,
        members=(min(counts), max(counts)),
    )


def _random(pool: Pool, of: Summed, settings: Settings) -> Way:
    """Mean and standard deviation over subsets that nobody chose."""
    tables = by_other_folds(pool) if settings.calibrated else pool.tests
    drawn = random_scores(
        tables,
        pool.taxonomy,
        of,
        settings.score,
        size=settings.size,
        count=settings.random,
        seed=settings.seed,
    )
    return Way(
        how=f"{settings.random:,} random subsets of {settings.size}",
        scores={settings.score: (float(drawn.mean()), float(drawn.std()))},
        members=(settings.size, settings.size),
        note="± over the subsets, not over the folds",
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
