"""`heterophony sweep`: a set of recipes on one collection, and the table that compares them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heterophony.cli.labelled import open_labelled
from heterophony.cli.options import (
    SOME_REFUSED,
    DataOption,
    ExtraOption,
    FeaturesOption,
    JobsOption,
    NoStoreOption,
    StoreOption,
    WorkersOption,
    open_store,
    worker_count,
)

if TYPE_CHECKING:
    from heterophony.report.sweep_table import SweepRow

WIDTH = 120  # columns that the table needs


def sweep(  # noqa: PLR0913 - the options of a command
    recipes: Annotated[
        list[str], typer.Argument(help="Names, patterns such as 'bst/table3/*', or .yaml files.", metavar="RECIPE...")
    ],
    *,
    data: DataOption,
    out: Annotated[Path, typer.Option(help="The folder of the runs; what is done in it is not done again.")],
    extra: ExtraOption = None,
    features: FeaturesOption = None,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each recipe: its own seed, and those that follow.")] = 1,
    score: Annotated[str, typer.Option(help="What the table compares.")] = "hierarchical_f1",
    by_group: Annotated[
        bool, typer.Option("--by-group", help="Draw whole groups (uploaders) for the intervals, not single clips.")
    ] = False,
    save_models: Annotated[bool, typer.Option("--save-models", help="Keep the model of every fold.")] = False,
    label: Annotated[str | None, typer.Option(help="Column of the class [default: label, else class].")] = None,
    label_top: Annotated[str | None, typer.Option(help="Column of its top level [default: label_top].")] = None,
    group: Annotated[str | None, typer.Option(help="Column of what stays together [default: group, uploader].")] = None,
    jobs: JobsOption = None,
    workers: WorkersOption = None,
    store: StoreOption = None,
    no_store: NoStoreOption = False,
) -> None:
    """Cross-validate a set of recipes and compare them: with the paper, and each with its baseline.

    Baselines and members of ensembles are run too. The table is printed and written to OUT/sweep.md and OUT/sweep.csv:
    mean ± population standard deviation over the folds, the difference to the baseline with its bootstrap interval
    (95 %). A killed sweep goes on where it was. Exit code 3: some recipes could not be run here, or
    some clips were refused.
    """
    from heterophony.cli.progress import progress_bars
    from heterophony.recipes.collection import Work
    from heterophony.recipes.compare import compare, refuse_other_score
    from heterophony.recipes.sweep import sweep as run

    refuse_other_score(score)
    columns = {"label": label, "label_top": label_top, "group": group}
    with progress_bars(shown=True) as bar:
        embedding, report = bar("Embedding", "clips"), bar("Training", "folds")
        work = Work(store=open_store(store, none=no_store), workers=worker_count(workers), progress=embedding)
        sources = open_labelled(data, columns, extra, features, work)
        done = run(recipes, sources, out, seeds=seeds, jobs=worker_count(jobs), models=save_models, progress=report)
    rows = compare(done, out, seeds=seeds, score=score, by_group=by_group)
    if rows:  # else an earlier table stays
        _tell(rows, out)
    for text in done.leakage:
        typer.echo(f"leakage between the folds by {text}; leakage.json of each run has its scores without them")
    for name, reason in done.failed.items():
        sys.stderr.write(f"not run {name}: {reason}\n")
    refused = {one.clip.id: one.reason for ready in done.runs.values() for one in ready.refused}
    for key, reason in refused.items():
        sys.stderr.write(f"refused {key}: {reason}\n")
    if done.failed or refused:
        raise typer.Exit(SOME_REFUSED)


def _tell(rows: "list[SweepRow]", out: Path) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from heterophony.report.sweep_table import sweep_csv, sweep_markdown, sweep_table

    out.mkdir(parents=True, exist_ok=True)
    (out / "sweep.md").write_text(sweep_markdown(rows), encoding="utf-8")
    (out / "sweep.csv").write_text(sweep_csv(rows), encoding="utf-8")
    shown = sweep_table(rows)
    table = Table(box=None, header_style="bold", pad_edge=False)
    columns = zip(*shown.lines, strict=True) if shown.lines else [()] * len(shown.header)
    for number, (title, cells) in enumerate(zip(shown.header, columns, strict=True)):
        width = None if title == "note" else max(map(len, (title, *cells)))  # notes are wrapped, numbers never
        table.add_column(title, justify="right" if number > 0 and width else "left", min_width=width)
    for cells in shown.lines:
        table.add_row(*map(escape, cells))
    Console(width=max(Console().width, WIDTH)).print(table)
    typer.echo(f"wrote {out}: sweep.md, sweep.csv")
