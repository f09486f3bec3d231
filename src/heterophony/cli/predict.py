"""`heterophony predict`: a model's predictions of a collection as a table for other tools and for ensembles."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from heterophony.cli.evaluate import PoolOption
from heterophony.cli.options import (
    SOME_REFUSED,
    Engine,
    EngineOption,
    FeaturesOption,
    NoStoreOption,
    StoreOption,
    WorkersOption,
    open_store,
    pairs_of,
    worker_count,
)


def predict(  # noqa: PLR0913 - the options of a command
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Manifests, files, folders, or the folder of a data set; labels are taken along.", metavar="PATH..."
        ),
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The .npz to write: ids, logits, target, classes.")],
    model: Annotated[str, typer.Option(help="Name of a model, or the folder of one.")] = "bst-base",
    pool_segments: PoolOption = None,
    features: FeaturesOption = None,
    engine: EngineOption = Engine.local,
    workers: WorkersOption = None,
    store: StoreOption = None,
    no_store: NoStoreOption = False,
) -> None:
    """Write a model's predictions of a collection. Exit code 0: all good; 3: some were refused (listed); 1: failed."""
    from heterophony.cli.progress import progress_bar
    from heterophony.clips import Found, collect, is_data_set, read_collection
    from heterophony.clips.segments import units
    from heterophony.errors import ConfigError, InputError
    from heterophony.predictions.pool_segments import pool_segments as pool
    from heterophony.recipes.collection import Work, read_sources
    from heterophony.recipes.model_folder import load_model
    from heterophony.recipes.predict import predict as run

    if output.suffix.lower() != ".npz":
        raise ConfigError(f"{output}: predictions are written as .npz, not as {output.suffix!r}")
    if not output.absolute().parent.is_dir():
        raise InputError(f"{output}: there is no folder {output.absolute().parent}; make it first")
    alone = len(paths) == 1 and is_data_set(paths[0])
    found = read_collection(paths[0]) if alone else Found(tuple(collect(paths, None)))
    with progress_bar("Listening", "files", shown=True) as report:
        work = Work(
            store=open_store(store, none=no_store),
            workers=worker_count(workers),
            engine=engine.value,
            progress=report,
        )
        sources = read_sources(found, paths[0], {}, pairs_of(features, "--features"), work)
        done = run(sources, load_model(model))
    table = done.predictions if pool_segments is None else pool(done.predictions, pool_segments.value)
    table.save(output)
    for one in done.refused:
        sys.stderr.write(f"refused {one.clip.id}: {one.reason}\n")
    unit = units(table.ids)
    said = f"{len(table)}" if unit == "clips" else f"{len(table)} {unit}"
    typer.echo(f"{len(found.clips)} clips: {said} predicted, {len(done.refused)} refused; wrote {output}")
    if done.refused:
        raise typer.Exit(SOME_REFUSED)
