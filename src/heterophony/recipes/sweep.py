"""`heterophony sweep`: a set of recipes on one collection, and the table that compares them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from heterophony.errors import ConfigError, HeterophonyError, InputError
from heterophony.recipes.collection import Sources, with_given
from heterophony.recipes.complaints import nearest
from heterophony.recipes.jobs import FoldJob, run_jobs
from heterophony.recipes.leakage import Known, Leaks, find_leaks
from heterophony.recipes.load import SUFFIXES, dump, load_any, names_like
from heterophony.recipes.prepare import Prepared, prepare
from heterophony.recipes.run_folder import read_fold
from heterophony.recipes.spec import EnsembleRecipe, Recipe
from heterophony.recipes.train import jobs_of, start, tell

Progress = Callable[[int, int], None]
DONE = "metrics.json"
BEFORE_START = {"recipe.yaml", "versions.json", "log.txt", "split.csv", "taxonomy.csv", "groups.csv"}
"""What may lie in the folder of a run that was killed while it started: `data.json` comes last."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sweep:
    """A set of recipes with their runs.

    Attributes:
        recipes: Name to recipe or ensemble, those that were asked for first.
        asked: The names that were asked for; the others are their baselines and members.
        runs: Name and seed to what a run is made of.
        failed: Name to why it could not be run.
        leakage: What the folds share, where that is notable; recipes with the same rows and folds share a sentence.
    """

    recipes: Mapping[str, Recipe | EnsembleRecipe]
    asked: Sequence[str]
    runs: dict[tuple[str, int], Prepared] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    leakage: list[str] = field(default_factory=list)


def chosen_names(patterns: Sequence[str]) -> list[str]:
    """The recipes that the patterns mean, in order, each once: names, `bst/table3/*`, or `.yaml` files.

    Raises:
        ConfigError: A pattern means none; the nearest name is given.
    """
    names: dict[str, None] = {}
    for pattern in patterns:
        found = [beside("", pattern)] if Path(pattern).suffix in SUFFIXES else names_like(pattern)
        names.update(dict.fromkeys(found))
    return list(names)


def beside(name: str, other: str) -> str:
    """A recipe as the recipe `name` names it: a file is sought beside that one's own."""
    return str((Path(name).parent / other).resolve()) if Path(other).suffix in SUFFIXES else other


def title(name: str) -> str:
    """What a recipe is called in a sweep: its name, or that of its file without folder and suffix."""
    return Path(name).stem if Path(name).suffix in SUFFIXES else name


def with_needed(names: Sequence[str]) -> dict[str, Recipe | EnsembleRecipe]:
    """The recipes, then the members and baselines that they need, and theirs.

    Raises:
        ConfigError: One of them is no recipe, a member of an ensemble is an ensemble, or two files have one name.
    """
    found: dict[str, Recipe | EnsembleRecipe] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        recipe = found[name] = load_any(name)
        waiting += [*members_of(name, recipe), *([beside(name, recipe.baseline)] if recipe.baseline else [])]
    for name, recipe in found.items():
        for member in members_of(name, recipe):
            if isinstance(found[member], EnsembleRecipe):
                raise ConfigError(f"{name}: its member {member} is an ensemble itself; name the recipes of that one")
    titles = [title(name) for name in found]
    doubled = [name for name in found if titles.count(title(name)) > 1]
    if doubled:
        raise ConfigError(f"{' and '.join(doubled)} would have one folder; rename one of them")
    return found


def members_of(name: str, recipe: Recipe | EnsembleRecipe) -> list[str]:
    """The recipes of an ensemble; none of another recipe."""
    return [beside(name, member) for member in recipe.ensemble] if isinstance(recipe, EnsembleRecipe) else []


def sweep(
    patterns: Sequence[str],
    sources: Sources,
    out: Path,
    *,
    seeds: int = 1,
    jobs: int = 1,
    models: bool = False,
    progress: Progress | None = None,
) -> Sweep:
    """Cross-validates a set of recipes, their baselines and members. What is done is not done again.

    A run's folder is `out/<recipe>`, or `out/<recipe>/seed-<s>` where several seeds are asked for. A recipe that cannot
    be run here (weights or a data set that are not here) is told in `failed`; the others go on.

    Args:
        patterns: See `chosen_names`.
        sources: The collection, and what is beside it.
        out: The folder of the sweep; a killed sweep goes on there, fold by fold.
        seeds: How many seeds for each recipe: its own, and those that follow.
        jobs: Folds that are trained at the same time.
        models: Whether the model of each fold is kept.
        progress: Called with (done, all) folds.

    Raises:
        ConfigError: A pattern means no recipe, or no recipe has a modality that vectors are given for.
        InputError: A folder of a run was made by another recipe or from other data.
    """
    asked = chosen_names(patterns)
    made = Sweep(recipes=with_needed(asked), asked=asked)
    _refuse_unused(made, sources)
    for name, recipe in made.recipes.items():
        if isinstance(recipe, Recipe):
            _prepare_seeds(made, name, recipe, sources, seeds)
    _train(made, out, seeds, jobs, models=models, progress=progress)
    known: Known = {}
    for which, ready in made.runs.items():
        leaks = find_leaks(ready, known)
        made.leakage.extend(text for text in leaks.notable() if text not in made.leakage)
        _finish(ready, run_of(out, *which, seeds), leaks)
    return made


def _train(made: Sweep, out: Path, seeds: int, jobs: int, *, models: bool, progress: Progress | None) -> None:
    """The folds that are not done yet; the runs of a recipe of which one cannot be done are taken out."""
    folders = {run_of(out, *which, seeds): which for which in made.runs}
    waiting: list[FoldJob] = []
    for folder, which in folders.items():
        waiting += _begin(made.runs[which], folder, models=models)
    total = sum(ready.split.folds for ready in made.runs.values())
    for finished, (job, result) in enumerate(run_jobs(waiting, jobs), total - len(waiting) + 1):
        if isinstance(result, HeterophonyError):
            made.failed[folders[job.out][0]] = f"fold {job.fold}: {result}"
        if progress is not None:
            progress(finished, total)
    for which in [one for one in made.runs if one[0] in made.failed]:
        del made.runs[which]


def run_of(out: Path, name: str, seed: int, seeds: int) -> Path:
    """The folder of a run."""
    folder = out / title(name)
    return folder if seeds == 1 else folder / f"seed-{seed}"


def _refuse_unused(made: Sweep, sources: Sources) -> None:
    """Refuses vectors of a modality that no recipe has."""
    there = {name for recipe in made.recipes.values() if isinstance(recipe, Recipe) for name in recipe.modalities}
    for key in [*sources.own.features, *(key for extra in sources.extras.values() for key in extra.features)]:
        if key not in there:
            raise ConfigError(f"--features {key}=...: no recipe has that modality; {nearest(key, sorted(there))}")


def _prepare_seeds(made: Sweep, name: str, recipe: Recipe, sources: Sources, seeds: int) -> None:
    """The runs of one recipe, one per seed; or why it cannot be run."""
    recipe = with_given(recipe, sources.own.features)
    try:
        ready = prepare(recipe, sources)
    except HeterophonyError as error:
        made.failed[name] = str(error)
        return
    for seed in range(recipe.seed, recipe.seed + seeds):
        made.runs[name, seed] = ready.with_seed(seed)


def _begin(ready: Prepared, out: Path, *, models: bool) -> list[FoldJob]:
    """The folds of a run that are still to be done."""
    if out.is_dir() and not {path.name for path in out.iterdir()} <= BEFORE_START:
        _refuse_other_run(ready, out)
    else:
        start(ready, out)
    names = tuple(ready.task.dims)
    return jobs_of(ready, out, [k for k in range(ready.split.folds) if read_fold(out, k, names) is None], model=models)


def _refuse_other_run(ready: Prepared, out: Path) -> None:
    """Makes sure that a folder is of this recipe and these data.

    Raises:
        InputError: It is not.
    """
    recipe, data = out / "recipe.yaml", out / "data.json"
    if not recipe.is_file() or not data.is_file():
        raise InputError(f"{out}: there is something in it, and no run; give another folder")
    if recipe.read_text(encoding="utf-8") != dump(ready.task.recipe):
        name = ready.task.recipe.name
        raise InputError(f"{out}: was made by another version of the recipe {name}; give another folder")
    if json.loads(data.read_text(encoding="utf-8"))["sha256"] != ready.content:
        raise InputError(f"{out}: was made from other data; give another folder")


def _finish(ready: Prepared, out: Path, leaks: Leaks) -> None:
    """Metrics and page of a run whose folds are all there."""
    if (out / DONE).is_file():
        return
    names = tuple(ready.task.dims)
    folds = [read_fold(out, fold, names) or {} for fold in range(ready.split.folds)]
    tell(ready, folds, out, leaks)
