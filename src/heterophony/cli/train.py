"""`heterophony train`: a recipe on a labelled collection, cross-validated."""

import sys
from collections.abc import Mapping
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
    pairs_of,
    worker_count,
)

if TYPE_CHECKING:
    from heterophony.recipes.train import Run

WIDTH = 100  # columns that the table of scores needs
SHOWN = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "top_accuracy": "top",
    "hierarchical_f1": "hier. F1",
    "log_loss": "log-loss",
    "calibration_error": "calib.",
}


def train(  # noqa: PLR0913 - the options of a command
    recipe: Annotated[str, typer.Argument(help="Name of a recipe (see `heterophony recipes list`), or a .yaml file.")],
    *,
    data: DataOption,
    out: Annotated[Path, typer.Option(help="A new folder for the run, or with --resume one of a run that was killed.")],
    extra: ExtraOption = None,
    features: FeaturesOption = None,
    label: Annotated[str | None, typer.Option(help="Column of the class [default: label, else class].")] = None,
    label_top: Annotated[str | None, typer.Option(help="Column of its top level [default: label_top].")] = None,
    group: Annotated[str | None, typer.Option(help="Column of what stays together [default: group, uploader].")] = None,
    split: Annotated[Path | None, typer.Option(help="A split.csv of another run, in place of a new one.")] = None,
    fold: Annotated[
        list[int] | None, typer.Option(help="Run this fold only, and no final model; again for another.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="In place of the recipe's.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in OUT, to the same bytes.")] = False,
    device: Annotated[str, typer.Option(help="Where networks are trained: cpu, cuda, cuda:1, mps.")] = "cpu",
    threads: Annotated[
        int | None, typer.Option(min=1, help="Of a recipe that trains encoders jointly [default: one per core].")
    ] = None,
    jobs: JobsOption = None,
    workers: WorkersOption = None,
    store: StoreOption = None,
    no_store: NoStoreOption = False,
) -> None:
    """Cross-validate a recipe and fit the final model: folds, predictions, metrics and a report in a run folder.

    The model is in OUT/model: `heterophony classify --model OUT …` uses it. Exit code 3: some clips were refused.
    """
    from heterophony.cli.progress import progress_bar
    from heterophony.recipes.collection import Work, refuse_other_modalities, with_given
    from heterophony.recipes.command_file import told
    from heterophony.recipes.load import load_recipe
    from heterophony.recipes.train import train as run

    chosen, given = load_recipe(recipe), pairs_of(features, "--features")
    refuse_other_modalities(chosen, given)
    chosen = with_given(chosen, given)
    if seed is not None:
        chosen = chosen.model_copy(update={"seed": seed})
    columns = {"label": label, "label_top": label_top, "group": group}
    own = {"--data": data, "--split": split, "--seed": seed, "--device": None if device == "cpu" else device}
    asked = _asked({**own, "--threads": threads}, columns, {"--extra": extra, "--features": features})
    asked += [("--fold", str(number)) for number in fold or ()]
    with progress_bar("Embedding", "clips", shown=True) as report:
        work = Work(store=open_store(store, none=no_store), workers=worker_count(workers), progress=report)
        sources = open_labelled(data, columns, extra, features, work)
        done = run(
            chosen,
            sources,
            out,
            jobs=worker_count(jobs) if jobs or device == "cpu" else 1,
            folds=fold or (),
            split=split,
            on_fold=say_fold,
            command=(told(recipe), asked),
            resume=resume,
            device=device,
            threads=threads or 0,
        )
    say_run(done, out)
    typer.echo(f"wrote {out}: report.html, metrics.json" + ("" if fold else ", model/"))
    if done.refused:
        raise typer.Exit(SOME_REFUSED)


def _asked(
    own: Mapping[str, Path | str | int | None], columns: Mapping[str, str | None], pairs: Mapping[str, list[str] | None]
) -> list[tuple[str, str]]:
    """The options that decide a run, as its folder may tell them."""
    from heterophony.recipes.command_file import told

    found = [(name, told(x) if isinstance(x, Path) else str(x)) for name, x in own.items() if x is not None]
    found += [(f"--{name.replace('_', '-')}", column) for name, column in columns.items() if column is not None]
    for option, given in pairs.items():
        named = (text.partition("=") for text in given or ())
        found += [(option, f"{name}={told(path)}") for name, _, path in named]
    return found


def say_run(done: "Run", out: Path) -> None:
    """What a run came to, and what is to be known beside it."""
    _print_scores(done.scores)
    for text in done.graph:
        sys.stderr.write(f"{text}\n")
    for text in done.leakage:
        sys.stderr.write(f"leakage between the folds by {text} (see {out / 'leakage.json'})\n")
    for one in done.refused:
        sys.stderr.write(f"refused {one.clip.id}: {one.reason}\n")


def say_fold(fold: int, scores: Mapping[str, float]) -> None:
    """A finished fold and its scores."""
    sys.stderr.write(f"fold {fold}: " + ", ".join(f"{name} {scores[name]:.4f}" for name in SHOWN) + "\n")


def _print_scores(scores: Mapping[str, Mapping[str, tuple[float, float]]]) -> None:
    """Mean ± population standard deviation over the folds, for every set of modalities; per cent, log-loss in nats."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("from", *SHOWN.values()):
        table.add_column(title, justify="left" if title == "from" else "right", no_wrap=True)
    for key, named in scores.items():
        table.add_row(key, *(_shown(name, *named[name]) for name in SHOWN))
    Console(width=max(Console().width, WIDTH)).print(table)


def _shown(name: str, mean: float, spread: float) -> str:
    """A score and its spread as text.

    >>> _shown("accuracy", 0.9538, 0.0105), _shown("log_loss", 0.167, 0.02)
    ('95.4 ± 1.1', '0.17 ± 0.02')
    """
    return f"{mean:.2f} ± {spread:.2f}" if name == "log_loss" else f"{100 * mean:.1f} ± {100 * spread:.1f}"
