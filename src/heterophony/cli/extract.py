"""`heterophony extract`: encoders trained on a collection, and vectors of each row from those that never saw it."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

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
from heterophony.cli.train import say_fold, say_run

WARNING = (
    "no test part, so all vectors are out of fold; a second model tested among these rows seems better than it is: "
    "the encoders behind the vectors of its training rows were taught the labels of the rows that it is tested on. Use "
    "a collection whose test part is fixed (a column `fold` of train and test), or extract once for each fold that is "
    "tested: `heterophony extract ... --fold K`, then `heterophony train ... --split OUT/split.csv --fold K` "
    "(docs: recipes, cross-fitted vectors)"
)


class Align(StrEnum):
    """What is done with the spaces of different encoders."""

    procrustes = "procrustes"
    none = "none"


def extract(  # noqa: PLR0913 - the options of a command
    recipe: Annotated[
        str, typer.Argument(help="A recipe that trains encoders (see `heterophony recipes list`), or a .yaml file.")
    ],
    *,
    data: DataOption,
    out: Annotated[Path, typer.Option(help="A new folder, or with --resume that of an interrupted run.")],
    folds: Annotated[int, typer.Option(min=2, help="Parts of the rows that are no test rows, by group.")] = 5,
    align: Annotated[
        Align, typer.Option(help="procrustes: turn the vectors of each fold into the space of the final model.")
    ] = Align.procrustes,
    split: Annotated[
        Path | None, typer.Option(help="A split.csv that says the test part [default: as RECIPE].")
    ] = None,
    fold: Annotated[
        int | None, typer.Option(help="Its fold whose test rows are the test part [default: a fixed test part].")
    ] = None,
    extra: ExtraOption = None,
    features: FeaturesOption = None,
    label: Annotated[str | None, typer.Option(help="Column of the class [default: label, else class].")] = None,
    label_top: Annotated[str | None, typer.Option(help="Column of its top level [default: label_top].")] = None,
    group: Annotated[str | None, typer.Option(help="Column of what stays together [default: group, uploader].")] = None,
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
    """Train encoders, and write the vectors of each row as encoders make them that were not taught by it.

    Rows that are no test rows are parted into folds by group; their vectors come from encoders trained without their
    fold, those of test rows from encoders trained on all others. OUT/vectors.npz has them by modality:
    `heterophony train graph/dm --features sound=OUT/vectors.npz:sound …`. OUT/run is the run behind them. Exit code 3:
    some clips were refused.
    """
    from heterophony.cli.progress import progress_bar
    from heterophony.recipes.collection import Work, refuse_other_modalities, with_given
    from heterophony.recipes.extract import extract as run
    from heterophony.recipes.load import load_recipe
    from heterophony.recipes.train import Training

    chosen, given = load_recipe(recipe), pairs_of(features, "--features")
    refuse_other_modalities(chosen, given)
    chosen = with_given(chosen, given)
    if seed is not None:
        chosen = chosen.model_copy(update={"seed": seed})
    training = Training(
        jobs=worker_count(jobs) if jobs or device == "cpu" else 1,
        resume=resume,
        device=device,
        threads=threads or 0,
        on_fold=say_fold,
    )
    columns = {"label": label, "label_top": label_top, "group": group}
    with progress_bar("Embedding", "clips", shown=True) as report:
        work = Work(store=open_store(store, none=no_store), workers=worker_count(workers), progress=report)
        sources = open_labelled(data, columns, extra, features, work)
        turned = align is Align.procrustes
        done = run(chosen, sources, out, training, folds=folds, fold=fold, split=split, aligned=turned)
    say_run(done.run, out / "run")
    for one in done.moved:
        sys.stderr.write(f"{one.told}\n")
    if not done.tested:
        sys.stderr.write(f"{WARNING}\n")
    typer.echo(f"wrote {out}: vectors.npz ({done.own} rows out of fold, {done.tested} test rows), extract.json, run/")
    if done.run.refused:
        raise typer.Exit(SOME_REFUSED)
