"""The members of an ensemble from run folders and tables: names, predictions, validation predictions, tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from heterophony.ensemble import Member, Pool, pool_of
from heterophony.errors import ConfigError, InputError
from heterophony.predictions import Predictions, is_run, read_predictions, tree_of_run
from heterophony.predictions.said import in_tree_order
from heterophony.recipes.score import tree_for
from heterophony.taxonomy import Taxonomy

VALIDATION = "predictions_val.npz"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Members:
    """What was read.

    Attributes:
        pool: Members that belong together.
        paths: Where each comes from.
        groups: The group of each row of the pool; None where nobody says one.
    """

    pool: Pool
    paths: Sequence[Path]
    groups: Sequence[str | None]


def read_members(paths: Sequence[Path], taxonomy: str | None = None, labels: Path | None = None) -> Members:
    """Reads run folders and tables of predictions, as `read_predictions` does.

    Args:
        paths: Two or more.
        taxonomy: "bst", "tau" or a CSV file; None: that of the runs.
        labels: A table of id and label, for tables that have none.

    Raises:
        ConfigError: No tree is known, or the runs have different ones.
        InputError: Something cannot be read, or fewer than two members are given.
        AlignmentError: They do not belong together; names them and what differs.
    """
    if len(paths) < 2:
        given = ", ".join(map(str, paths)) or "none"
        raise InputError(f"an ensemble needs two members or more, got {given}; one run alone is for `evaluate`")
    doubled = {str(path) for path in paths if paths.count(path) > 1}
    if doubled:
        raise InputError(f"given more than once: {', '.join(sorted(doubled))}; a member counts once")
    tree = tree_for(paths, taxonomy)
    if taxonomy is None:
        _refuse_other_trees(paths)
    members: list[Member] = []
    groups: dict[str, str] = {}
    for path, name in zip(paths, _names(paths), strict=True):
        read = read_predictions(path, tree, labels)
        validation = _validation(path, tree) if path.is_dir() and is_run(path) else {}
        members.append(Member(name=name, test=read.predictions, validation=validation, said=read.said))
        known = zip(read.predictions.ids, read.groups, strict=True)
        groups |= {key: group for key, group in known if group is not None}
    pool = pool_of(members, tree)
    if not pool.folds:
        raise InputError("no row of the members has a known target; give the labels with --labels TABLE")
    return Members(pool=pool, paths=paths, groups=[groups.get(key) for key in pool.tests[0].ids])


def _refuse_other_trees(paths: Sequence[Path]) -> None:
    """Refuses runs over different trees.

    Raises:
        ConfigError: Two differ; names them.
    """
    found = {path: tree for path in paths if path.is_dir() and (tree := tree_of_run(path)) is not None}
    first, *others = found
    for path in others:
        if (found[path].classes, found[path].top_of) != (found[first].classes, found[first].top_of):
            raise ConfigError(f"{first} and {path} have different trees of classes; they cannot be combined")


def _validation(run: Path, taxonomy: Taxonomy) -> dict[int, Predictions]:
    """Fold to validation predictions, of the folds that kept them."""
    found = {}
    for path in sorted(run.glob(f"fold_*/{VALIDATION}")):
        number = path.parent.name.removeprefix("fold_")
        if number.isdecimal():
            found[int(number)] = in_tree_order(Predictions.load(path), taxonomy, str(path))
    return found


def _names(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of the paths that tell all apart, without suffixes.

    >>> _names([Path("runs/a/both"), Path("runs/b/both.csv")]), _names([Path("x/a.csv"), Path("x/b.csv")])
    (['a/both', 'b/both'], ['a', 'b'])
    """
    plain = [path if path.is_dir() else path.with_suffix("") for path in (path.resolve() for path in paths)]
    for length in range(1, max(len(path.parts) for path in plain) + 1):
        names = ["/".join(path.parts[-length:]) for path in plain]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]
