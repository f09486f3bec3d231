"""The ways to choose an ensemble side by side, each with its scores: the lines of the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from heterophony.ensemble import Method, Pool, average, in_sample, nested, on_validation, random_scores
from heterophony.ensemble.nested import Outcome
from heterophony.ensemble.summed import Summed
from heterophony.ensemble.temperature import by_other_folds
from heterophony.metrics import Interval, evaluate_folds, interval, mean_and_spread, paired_difference
from heterophony.recipes.ensemble_settings import Settings
from heterophony.taxonomy import Taxonomy

IN_SAMPLE = "in-sample, as papers report it"
NESTED = "nested: chosen on the other folds"
VALIDATED = "chosen on validation"
AVERAGE = "average of all, nothing chosen"
OF_DISTRIBUTIONS = ("log_loss", "macro_log_loss", "calibration_error")
"""Scores that are known only where members say whole distributions."""


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


def outcomes_of(
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


def way_of(
    how: str,
    outcomes: Mapping[str, Outcome],
    taxonomy: Taxonomy,
    settings: Settings,
    group_of: Mapping[str, str | None],
    said: str,
) -> Way:
    """The line of an outcome: scores, interval, paired difference to the average of all.

    Args:
        how: Which of the outcomes.
        outcomes: All.
        taxonomy: The tree.
        settings: The score that is shown, and how intervals are drawn.
        group_of: Id to its group.
        said: "distribution" where log-losses are known.
    """
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


def random_way(pool: Pool, of: Summed, settings: Settings) -> Way:
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
