"""`heterophony compare`: tables of predictions of the same clips, paired."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heterophony.cli.evaluate import (
    JsonOption,
    LabelsOption,
    PoolOption,
    Rule,
    RuleOption,
    SeedOption,
    TablesArgument,
    TaxonomyOption,
    document,
)
from heterophony.cli.tables import print_table

if TYPE_CHECKING:
    from heterophony.metrics.scoreboard import Scoreboard
    from heterophony.report.comparison_text import Compared


def compare(  # noqa: PLR0913 - the options of a command
    files: TablesArgument,
    *,
    taxonomy: TaxonomyOption = None,
    labels: LabelsOption = None,
    score: Annotated[
        list[str] | None, typer.Option(help="What is compared; again for another [default: hierarchical_f1].")
    ] = None,
    never_predicted: RuleOption = Rule.zero,
    pool_segments: PoolOption = None,
    classes: Annotated[bool, typer.Option("--classes", help="Show the difference of every class too.")] = False,
    draws: Annotated[int, typer.Option(min=2, help="Resamples and swaps.")] = 1000,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Compare two or more runs or tables of the same clips: each with the first, paired.

    Each difference comes with its bootstrap interval and the p of a randomisation test, by clip and, where groups
    (uploaders) are known, by whole group; both tell the luck of the clips, not that of training once more.
    """
    from heterophony.errors import ConfigError
    from heterophony.metrics.paired import refuse_undrawable
    from heterophony.recipes.protocol import protocol_of_run, unlike
    from heterophony.recipes.score import compare_all, read_all, tree_for

    if len(files) < 2:
        raise ConfigError("compare: one table; name two or more, or score it with `heterophony evaluate`")
    scores = score or ["hierarchical_f1"]
    refuse_undrawable(scores)
    tree = tree_for(files, taxonomy)
    tables = read_all(files, tree, labels, None if pool_segments is None else pool_segments.value)
    tables, boards, compared = compare_all(
        tables, tree, scores=scores, never_predicted=never_predicted.value, draws=draws, seed=seed
    )
    different = unlike({str(path): protocol_of_run(path) for path in files})
    if different:
        sys.stderr.write(f"{different}\n")
    if as_json:
        from heterophony.report.comparison_text import comparison_json

        content = json.loads(document(tree, tables, boards)) | {"pairs": comparison_json(compared, next(iter(boards)))}
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))
        return
    _tell(boards, compared, classes=classes)


def _tell(boards: "dict[str, Scoreboard]", compared: "list[Compared]", *, classes: bool) -> None:
    from heterophony.report.comparison_text import class_differences, difference_table, scores_side_by_side
    from heterophony.report.scoreboard_text import both_rules

    names = _short(list(boards))
    first = next(iter(boards))
    print_table(scores_side_by_side({names[name]: board for name, board in boards.items()}))
    for name, board in boards.items():
        if board.other_rule:
            typer.echo(f"\n{name}:")
            print_table(both_rules(board))
    for reason in dict.fromkeys(reason for board in boards.values() for reason in board.left_out):
        where = [name for name, board in boards.items() if reason in board.left_out]
        typer.echo(f"left out{'' if len(where) == len(boards) else ' of ' + ', '.join(where)}: {reason}")
    for one in compared:
        rows, mine, other = one.changed
        typer.echo(
            f"\n{one.name} minus {first}: {rows} of {boards[first].samples} answers differ; "
            f"{mine} times only the former is right, {other} times only the latter"
        )
        print_table(difference_table(one))
        if one.note:
            typer.echo(f"no interval by group: {one.note}")
        if classes:
            typer.echo("")
            print_table(class_differences(boards[one.name], boards[first]))


def _short(names: list[str]) -> dict[str, str]:
    """Names without the folder that all share, so that they head a column.

    >>> _short(["runs/a/one", "runs/b/two"])
    {'runs/a/one': 'a/one', 'runs/b/two': 'b/two'}
    """
    parts = [Path(name).parts for name in names]
    shared = 0
    while all(len(one) > shared + 1 and one[shared] == parts[0][shared] for one in parts):
        shared += 1
    return {name: "/".join(one[shared:]) for name, one in zip(names, parts, strict=True)}
