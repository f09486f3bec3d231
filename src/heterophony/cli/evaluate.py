"""`heterophony evaluate`: what predictions are worth, ours or another tool's."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heterophony.cli.tables import print_table

if TYPE_CHECKING:
    from heterophony.metrics.scoreboard import Scoreboard
    from heterophony.predictions import Imported
    from heterophony.taxonomy import Taxonomy


class Rule(StrEnum):
    """What a class counts for that occurs and is never predicted."""

    zero = "zero"
    skip = "skip"


class Pooling(StrEnum):
    """What is averaged over the segments of a clip."""

    probabilities = "probabilities"
    log_probabilities = "log-probabilities"


TablesArgument = Annotated[
    list[Path],
    typer.Argument(
        help="Runs, or tables of id,target,prediction[,score | a column per class][,fold][,group] (CSV, TSV, JSONL, "
        "Parquet, npz), or folders of <id>.npy.",
        metavar="FILE...",
    ),
]
TaxonomyOption = Annotated[
    str | None, typer.Option(help="The tree of the classes: bst, tau, or a CSV key,parent [default: that of a run].")
]
LabelsOption = Annotated[
    Path | None, typer.Option(help="A table of id and target (or label), where the predictions have none.")
]
RuleOption = Annotated[
    Rule,
    typer.Option(help="A class never predicted counts 0 in the hierarchical means, or leaves them as in the baseline."),
]
PoolOption = Annotated[
    Pooling | None,
    typer.Option("--pool-segments", help="Make one row per clip of its segments (clip#s0 …): what is averaged."),
]
DrawsOption = Annotated[int, typer.Option(min=0, help="Resamples for the intervals; 0: none.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Of the resamples.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document with everything, and nothing else.")]


def evaluate(  # noqa: PLR0913 - the options of a command
    files: TablesArgument,
    *,
    taxonomy: TaxonomyOption = None,
    labels: LabelsOption = None,
    never_predicted: RuleOption = Rule.zero,
    pool_segments: PoolOption = None,
    by_group: Annotated[
        bool, typer.Option("--by-group", help="Draw whole groups (uploaders) for the intervals, not single clips.")
    ] = False,
    draws: DrawsOption = 1000,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Score predictions: every metric with its interval, every class, how far the scores can be trusted.

    With a fold column, or for a run, the numbers are mean ± population standard deviation over the folds. What a table
    does not tell (log-loss without the scores of all classes) is left out and said.
    """
    from heterophony.recipes.score import read_all, score_all, tree_for

    tree = tree_for(files, taxonomy)
    tables = read_all(files, tree, labels, None if pool_segments is None else pool_segments.value)
    boards = score_all(tables, tree, never_predicted=never_predicted.value, by_group=by_group, draws=draws, seed=seed)
    if as_json:
        typer.echo(document(tree, tables, boards))
        return
    for place, (name, board) in enumerate(boards.items()):
        typer.echo("\n" if place else "", nl=False)
        _tell(name, tables[name], board, tree)


def document(tree: "Taxonomy", tables: "dict[str, Imported]", boards: "dict[str, Scoreboard]") -> str:
    """The JSON document of some scored tables."""
    from heterophony import __version__
    from heterophony.report.scoreboard_text import scoreboard_json

    said = {name: {"file": name, "said": one.said, "notes": list(one.notes)} for name, one in tables.items()}
    content = {
        "heterophony": __version__,
        "taxonomy": {"name": tree.name, "classes": list(tree.classes)},
        "tables": [said[name] | scoreboard_json(board) for name, board in boards.items()],
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)


def _tell(name: str, given: "Imported", board: "Scoreboard", tree: "Taxonomy") -> None:
    from heterophony.report.scoreboard_text import both_rules, class_table, never_text, reliability_table, score_table

    folds = f"folds {', '.join(map(str, board.folds))}" if len(board.folds) > 1 else "no folds"
    typer.echo(f"{name}: {board.samples} rows, {tree.n_classes} classes of {tree.name!r}, {folds}")
    for note in given.notes:
        typer.echo(f"  {note}")
    typer.echo("")
    print_table(score_table(board))
    typer.echo("")
    if board.other_rule:
        print_table(both_rules(board))
    else:
        typer.echo(never_text(board))
    typer.echo("")
    print_table(class_table(board))
    if board.reliability is not None:
        typer.echo("")
        print_table(reliability_table(board))
    for reason in board.left_out:
        typer.echo(f"left out: {reason}")
