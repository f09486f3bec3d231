"""`heterophony ensemble`: several runs as one, and what the choice is worth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from heterophony.recipes.combine import Combined

WIDTH = 150  # columns that the table needs
DEFAULT_SCORE = "hierarchical_f1"


def ensemble(  # noqa: PLR0913 - the options of a command
    runs: Annotated[
        list[Path],
        typer.Argument(
            help="Two or more: folders of runs, or tables of predictions, as `evaluate` reads them.", metavar="RUN..."
        ),
    ],
    *,
    method: Annotated[
        str, typer.Option(help="mean, vote, weighted, greedy, bagged, stacking, two-phase or exhaustive.")
    ] = "mean",
    of: Annotated[
        str | None,
        typer.Option(
            help="What is added up: logits, probabilities, log-probabilities, hard, score or log-odds [default: the "
            "method's own]."
        ),
    ] = None,
    score: Annotated[str, typer.Option(help="What is sought, and shown with its interval.")] = DEFAULT_SCORE,
    choose_on: Annotated[
        str,
        typer.Option(help="What chooses the ensemble that is written: validation; or test: optimistic, and marked so."),
    ] = "validation",
    out: Annotated[Path | None, typer.Option(help="A new folder for the ensemble; without it numbers only.")] = None,
    taxonomy: Annotated[
        str | None, typer.Option(help="bst, tau or a CSV file [default: the tree of the runs].")
    ] = None,
    labels: Annotated[Path | None, typer.Option(help="A table of id and label, for tables that have none.")] = None,
    no_temperature: Annotated[
        bool, typer.Option("--no-temperature", help="Take logits as they are; else each member is calibrated first.")
    ] = False,
    steps: Annotated[int | None, typer.Option(help="Of greedy and bagged: members at most [default: 20].")] = None,
    start: Annotated[int | None, typer.Option(help="Of both: best single members to begin with [default: 5].")] = None,
    bags: Annotated[int | None, typer.Option(help="Of bagged: random parts of the pool [default: 12].")] = None,
    share: Annotated[float | None, typer.Option(help="Of bagged: the size of a part [default: 0.5].")] = None,
    first: Annotated[str | None, typer.Option(help="Of two-phase: what is sought first [default: accuracy].")] = None,
    largest: Annotated[
        int | None, typer.Option(help="Of two-phase and exhaustive: members of the largest subset [default: 5].")
    ] = None,
    search_folder: Annotated[
        Path | None, typer.Option(help="Of exhaustive: keeps what is found, and goes on with it after a kill.")
    ] = None,
    c: Annotated[float | None, typer.Option("--c", help="Of stacking: inverse of the penalty [default: 5].")] = None,
    random: Annotated[int, typer.Option(min=0, help="Score so many random subsets too.")] = 0,
    size: Annotated[int, typer.Option(help="Members of a random subset.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Of random subsets, of bags, of the draws of intervals.")] = 0,
    by_group: Annotated[
        bool, typer.Option("--by-group", help="Draw whole groups (uploaders) for the intervals, not single clips.")
    ] = False,
) -> None:
    """Combine runs: a mean, a vote, weights, a search, a regression; and tell what the choice is worth.

    The numbers stand side by side: chosen and scored on the same test folds (as papers report it), chosen on the other
    folds, chosen on validation predictions, and the average of all with no choice. OUT gets the one that was chosen on
    validation; other commands read it like a run.
    """
    from heterophony.cli.progress import progress_bars
    from heterophony.recipes.combine import combine, refuse_choice
    from heterophony.recipes.ensemble_folder import refuse_taken, write_ensemble
    from heterophony.recipes.ensemble_method import make_method, settings_of
    from heterophony.recipes.ensemble_settings import settings_for
    from heterophony.recipes.members import read_members

    settings = settings_for(
        choose_on, score, calibrated=not no_temperature, by_group=by_group, random=random, size=size, seed=seed
    )
    given: dict[str, object] = {
        "of": of,
        "steps": steps,
        "start": start,
        "bags": bags,
        "share": share,
        "first": first,
        "c": c,
        "folder": search_folder,
    }
    given["sizes"] = None if largest is None else (2, largest)
    given |= {name: value for name, value in (("score", score), ("seed", seed)) if name in settings_of(method)}
    with progress_bars(shown=True) as bar:
        made = make_method(method, given, bar("Searching", "subsets"))
        if out is not None:
            refuse_taken(out)
        members = read_members(runs, taxonomy, labels)
        if out is not None:
            refuse_choice(members.pool, made, settings)
        done = combine(members.pool, made, settings, members.groups, bar("Choosing", "fits"))
    _tell(done)
    if out is not None and done.saved is not None:
        write_ensemble(done, done.saved, members, (method, made), out)
        mark = f" ({done.mark})" if done.mark else ""
        typer.echo(f"wrote {out}: ensemble.json, ensemble.md, predictions of {len(done.saved.by_fold)} folds{mark}")


def _tell(done: "Combined") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from heterophony.report.ensemble_table import ensemble_table

    header, lines = ensemble_table(done.ways, done.score)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title, cells in zip(header, zip(*lines, strict=True), strict=True):
        table.add_column(title, min_width=None if title == "note" else max(map(len, (title, *cells))))
    for line in lines:
        table.add_row(*map(escape, line))
    console = Console(width=max(Console().width, WIDTH))
    console.print(table)
    for note in done.notes:
        console.print(note, markup=False, soft_wrap=True)
