"""What the runs of a sweep come to: one row for each recipe, with its difference to the baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heterophony.ensemble import mean_of
from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics import DRAWABLE, Interval, evaluate_folds, over_seeds, paired_difference
from heterophony.predictions import Predictions, pooled
from heterophony.recipes.complaints import nearest
from heterophony.recipes.protocol import ALONE, protocol_of
from heterophony.recipes.run_folder import read_fold
from heterophony.recipes.spec import EnsembleRecipe, Published, Recipe
from heterophony.recipes.sweep import Sweep, beside, members_of, run_of, title
from heterophony.report.sweep_table import SweepRow
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """The test predictions of a recipe, one table over all folds for each seed.

    Attributes:
        tables: One per seed, all of the same rows.
        taxonomy: Their tree.
        groups: What stays together (uploader, place), for each row of the first table.
        note: Where vectors come from that no encoder of the recipe made.
        protocol: What an answer depends on beside its sample (`recipes.protocol`); of an ensemble, its members'.
    """

    tables: Sequence[Predictions]
    taxonomy: Taxonomy
    groups: Sequence[str | None]
    note: str = ""
    protocol: str = ALONE


def refuse_other_score(score: str) -> None:
    """Refuses a score that cannot be compared; to be asked before hours of training.

    Raises:
        ConfigError: It is none of those that confusion matrices decide; names the nearest.
    """
    if score not in DRAWABLE:
        raise ConfigError(f"--score {score}: no such score, or it has no interval; {nearest(score, list(DRAWABLE))}")


def compare(
    made: Sweep, out: Path, *, seeds: int = 1, score: str = "hierarchical_f1", by_group: bool = False
) -> list[SweepRow]:
    """One row for each recipe that was asked for and could be run, in order.

    Args:
        made: A finished sweep.
        out: Its folder.
        seeds: As in the sweep.
        score: What is compared.
        by_group: Draw whole groups in the intervals; rows without group stand for themselves.

    Raises:
        ConfigError: There is no such score.
    """
    refuse_other_score(score)
    said: dict[str, Said] = {}
    for name in sorted(made.recipes, key=lambda name: isinstance(made.recipes[name], EnsembleRecipe)):
        _read(made, name, out, seeds, said)
    return [_row(made, name, said, score, by_group=by_group) for name in made.asked if name in said]


def _read(made: Sweep, name: str, out: Path, seeds: int, said: dict[str, Said]) -> None:
    """Puts the predictions of a recipe, or of an ensemble of those that are there, into `said`."""
    recipe = made.recipes[name]
    if isinstance(recipe, EnsembleRecipe):
        names = members_of(name, recipe)
        lacking = [member for member in names if member not in said]
        if lacking:
            made.failed[name] = f"its members {', '.join(lacking)} could not be run"
            return
        members = [said[member] for member in names]
        try:
            tables = [mean_of(of_seed, of=recipe.average) for of_seed in zip(*(m.tables for m in members), strict=True)]
        except AlignmentError as error:
            made.failed[name] = f"its members are not of the same rows in the same folds: {error}"
            return
        protocol = " and ".join(dict.fromkeys(member.protocol for member in members))
        said[name] = Said(tables=tables, taxonomy=members[0].taxonomy, groups=members[0].groups, protocol=protocol)
        return
    runs = {seed: ready for (one, seed), ready in made.runs.items() if one == name}
    if not runs:
        return
    first = next(iter(runs.values()))
    tables = [
        _table(run_of(out, name, seed, seeds), ready.split.folds, tuple(ready.task.dims))
        for seed, ready in runs.items()
    ]
    group_of = dict(zip(first.samples.ids, first.samples.groups, strict=True))
    groups = [group_of[key] for key in tables[0].ids]
    origin = _origin(recipe, first.task.recipe)
    said[name] = Said(
        tables=tables, taxonomy=first.task.taxonomy, groups=groups, note=origin, protocol=protocol_of(recipe)
    )


def _origin(asked: Recipe, run: Recipe) -> str:
    """Which vectors were given in place of an encoder's."""
    given = {name: spec.encoder for name, spec in run.modalities.items() if spec != asked.modalities[name]}
    return ", ".join(f"{name} {encoder}" for name, encoder in given.items())


def _table(run: Path, folds: int, modalities: Sequence[str]) -> Predictions:
    whole = "+".join(modalities)
    return pooled([(read_fold(run, fold, modalities) or {})[whole] for fold in range(folds)])


def _row(made: Sweep, name: str, said: Mapping[str, Said], score: str, *, by_group: bool) -> SweepRow:
    recipe, mine = made.recipes[name], said[name]
    by_fold = [[fold[score] for fold in evaluate_folds(table, mine.taxonomy).values()] for table in mine.tables]
    summary = over_seeds(by_fold)
    baseline = beside(name, recipe.baseline)
    difference, note = _difference(mine, said.get(baseline), score, by_group=by_group)
    if baseline and baseline not in said:
        note = f"its baseline {title(baseline)} could not be run"
    return SweepRow(
        name=title(name),
        about=recipe.about,
        paper=_paper(recipe.published, score),
        recomputed=_recomputed(recipe.published) if score == "hierarchical_f1" else None,
        ours=(summary.mean, summary.over_folds),
        difference=difference,
        baseline=title(baseline),
        clips=len(mine.tables[0]),
        note="; ".join(filter(None, ("" if mine.protocol == ALONE else mine.protocol, mine.note, note))),
    )


def _difference(mine: Said, baseline: Said | None, score: str, *, by_group: bool) -> tuple[Interval | None, str]:
    """The difference with its interval; or why there is none."""
    if baseline is None:
        return None, ""
    if mine.protocol != baseline.protocol:
        return None, f"no difference is taken: its baseline is {baseline.protocol}"
    groups = mine.groups if by_group else None
    try:
        return paired_difference(mine.tables, baseline.tables, mine.taxonomy, score=score, groups=groups), ""
    except AlignmentError:
        return None, f"{len(mine.tables[0])} rows in other folds than the baseline's {len(baseline.tables[0])}"
    except InputError as error:  # a fold with a single group
        return None, str(error)


def _paper(published: Published, score: str) -> tuple[float, float | None] | None:
    """What the paper has of this score; of most it has nothing."""
    if score == "accuracy" and published.accuracy is not None:
        return published.accuracy / 100, None
    if score != "hierarchical_f1" or published.paper is None:
        return None
    return published.paper[0] / 100, published.paper[1] / 100


def _recomputed(published: Published) -> tuple[float, float | None] | None:
    found = published.recomputed
    return None if found is None else (found[0] / 100, None if found[1] is None else found[1] / 100)
