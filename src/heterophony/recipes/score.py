"""What `heterophony evaluate` and `heterophony compare` are given: tables of any origin over one tree."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from heterophony.clips import is_segment
from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics.compare_tables import changed_answers, differences
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.metrics.scoreboard import Scoreboard, scoreboard
from heterophony.predictions import Imported, is_run, line_up, read_predictions, tree_of_run
from heterophony.predictions.pool_segments import Pool, pool_imported
from heterophony.recipes.complaints import nearest
from heterophony.report.comparison_text import Compared
from heterophony.taxonomy import TAXONOMIES, Taxonomy, read_taxonomy


def tree_for(paths: Sequence[Path], named: str | None) -> Taxonomy:
    """The tree that is named, else that of the first run among the paths.

    Args:
        paths: Tables and runs.
        named: A name in `TAXONOMIES`, or a CSV file (`key,parent[,name,definition]`); None takes a run's.

    Raises:
        ConfigError: There is no such tree, or none is named and no run has one.
        InputError: The file is no tree.
    """
    if named in TAXONOMIES:
        return TAXONOMIES[named]
    if named is not None:
        if not Path(named).is_file():
            raise ConfigError(f"--taxonomy {named}: no such tree or CSV file; {nearest(named, list(TAXONOMIES))}")
        return read_taxonomy(Path(named))
    for path in paths:
        tree = tree_of_run(path) if path.is_dir() and is_run(path) else None
        if tree is not None:
            return tree
    known = " or ".join(TAXONOMIES)
    raise ConfigError(f"--taxonomy: {paths[0]} does not say which tree its classes are of; name {known}, or a CSV file")


def read_all(
    paths: Sequence[Path], taxonomy: Taxonomy, labels: Path | None, pool: Pool | None = None
) -> dict[str, Imported]:
    """Name to table, in order: the path as it was given.

    Args:
        paths: Tables and runs.
        taxonomy: Their tree.
        labels: A table of id and label, where the predictions have none.
        pool: What of the segments of a clip is averaged; tables of segments become tables of clips, others stay. None:
            every table stays.

    Raises:
        ConfigError: One path is given twice.
        InputError, AlignmentError: As for `read_predictions` and `pool_imported`; or no table has segments to pool.
    """
    tables: dict[str, Imported] = {}
    for path in paths:
        if str(path) in tables:
            raise ConfigError(f"{path}: given twice")
        tables[str(path)] = read_predictions(path, taxonomy, labels)
    if pool is None:
        return tables
    cut = [name for name, one in tables.items() if any(map(is_segment, one.predictions.ids))]
    if not cut:
        raise InputError(f"--pool-segments: no row of {', '.join(tables)} is a segment (ids like clip#s0)")
    return tables | {name: _pooled(name, tables[name], pool) for name in cut}


def _pooled(name: str, table: Imported, pool: Pool) -> Imported:
    try:
        return pool_imported(table, pool)
    except (AlignmentError, InputError) as error:
        raise type(error)(f"{name}: {error}") from error


def score_all(
    tables: Mapping[str, Imported],
    taxonomy: Taxonomy,
    *,
    never_predicted: NeverPredicted = "zero",
    by_group: bool = False,
    draws: int = 1000,
    seed: int = 0,
) -> dict[str, Scoreboard]:
    """The scores of each table by name; arguments and errors as for `scoreboard`, with the name of the table."""
    boards = {}
    for name, one in tables.items():
        try:
            boards[name] = scoreboard(
                one, taxonomy, never_predicted=never_predicted, by_group=by_group, draws=draws, seed=seed
            )
        except (ConfigError, InputError) as error:
            raise type(error)(f"{name}: {error}") from error
    return boards


def compare_all(
    tables: Mapping[str, Imported],
    taxonomy: Taxonomy,
    *,
    scores: Sequence[str],
    never_predicted: NeverPredicted = "zero",
    draws: int = 1000,
    seed: int = 0,
) -> tuple[dict[str, Imported], dict[str, Scoreboard], list[Compared]]:
    """Scores tables of the same clips, and compares each with the first.

    Args:
        tables: Two or more by name. One without folds takes those of the first; a target that one knows counts for all.
        taxonomy: Their tree.
        scores: What is compared, names in `DRAWABLE`.
        never_predicted: What a class that is never predicted counts for.
        draws: Of the bootstrap and of the randomisation test, at least 2.
        seed: Of the draws.

    Returns:
        The tables in the order of the first, their scores, and each but the first beside it.

    Raises:
        AlignmentError: The tables are of other clips, folds or targets; names both tables.
        InputError: No target is known.
    """
    lined = line_up(tables)
    boards = {name: scoreboard(one, taxonomy, never_predicted=never_predicted, draws=0) for name, one in lined.items()}
    first, *others = lined
    compared = []
    for name in others:
        found, note = differences(
            lined[name], lined[first], taxonomy, scores=scores, never_predicted=never_predicted, draws=draws, seed=seed
        )
        changed = changed_answers(lined[name].predictions, lined[first].predictions)
        compared.append(Compared(name=name, differences=found, changed=changed, note=note))
    return lined, boards, compared
