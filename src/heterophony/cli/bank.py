"""`heterophony bank`: the samples that a graph model knows."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heterophony.cli.options import (
    SOME_REFUSED,
    DataOption,
    FeaturesOption,
    NoStoreOption,
    StoreOption,
    WorkersOption,
    open_store,
    pairs_of,
    worker_count,
)

if TYPE_CHECKING:
    from heterophony.recipes.trained import Trained


bank = typer.Typer(help="Look at the samples that a graph model knows, add some, remove some.", no_args_is_help=True)

ModelArgument = Annotated[str, typer.Argument(help="The folder of a graph model, or of its run.", metavar="MODEL")]
NewOption = Annotated[Path, typer.Option("--output", "-o", help="A new folder for the changed model; MODEL stays.")]


@bank.command("show")
def show(model: ModelArgument) -> None:
    """Say how many samples a graph model knows, of which classes, and how far they lie from each other."""
    from heterophony.recipes.bank import bank_facts
    from heterophony.recipes.model_folder import load_model

    for label, text in bank_facts(load_model(model)):
        typer.echo(f"{label}: {text}")


@bank.command("add")
def add(
    model: ModelArgument,
    *,
    data: DataOption,
    output: NewOption,
    features: FeaturesOption = None,
    workers: WorkersOption = None,
    store: StoreOption = None,
    no_store: NoStoreOption = False,
) -> None:
    """Add samples to what a graph model knows; labels are not needed.

    Nothing is trained: new files find more neighbours. Exit code 3: some clips were refused.
    """
    from heterophony.cli.progress import progress_bar
    from heterophony.clips import read_collection
    from heterophony.errors import InputError
    from heterophony.recipes.bank import added, known_of
    from heterophony.recipes.collection import Work, read_sources
    from heterophony.recipes.model_folder import load_model
    from heterophony.recipes.samples import samples_of

    _refuse_taken(output)
    trained = load_model(model)
    known_of(trained)
    with progress_bar("Embedding", "clips", shown=True) as report:
        work = Work(store=open_store(store, none=no_store), workers=worker_count(workers), progress=report)
        sources = read_sources(read_collection(data), data, {}, pairs_of(features, "--features"), work)
        embedded = sources.embedded(trained.recipe)
    usable = [one for one in embedded if one.status != "refused"]
    for one in embedded:
        if one.status == "refused":
            sys.stderr.write(f"refused {one.clip.id}: {one.reason}\n")
    if not usable:
        raise InputError(f"{data}: none of {len(embedded)} clips can be used")
    samples = samples_of(usable, trained.dims, trained.taxonomy)
    _save(added(trained, samples), model, output, f"{len(samples)} samples were added after the training.")
    if len(usable) < len(embedded):
        raise typer.Exit(SOME_REFUSED)


@bank.command("remove")
def remove(
    model: ModelArgument,
    *,
    ids: Annotated[Path, typer.Option(help="A text file with an id per line, as in the `bank.csv` of the model.")],
    output: NewOption,
) -> None:
    """Remove samples from what a graph model knows. What they taught its weights stays: train again to undo that."""
    from heterophony.errors import InputError
    from heterophony.recipes.bank import removed
    from heterophony.recipes.model_folder import load_model

    _refuse_taken(output)
    if not ids.is_file():
        raise InputError(f"{ids}: no such file")
    asked = [line.strip() for line in ids.read_text(encoding="utf-8").splitlines() if line.strip()]
    _save(removed(load_model(model), asked), model, output, f"{len(set(asked))} samples were removed after training.")


def _refuse_taken(output: Path) -> None:
    from heterophony.errors import InputError

    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(f"{output}: there is something in it; give a new folder for the model")


def _save(changed: "Trained", model: str, output: Path, what: str) -> None:
    from heterophony.recipes.bank import changed_card, known_of
    from heterophony.recipes.model_folder import find_model, save_model

    card = (find_model(model) / "README.md").read_text(encoding="utf-8")
    save_model(changed, output, changed_card(card, what))
    typer.echo(f"{what} wrote {output}: {len(known_of(changed)):,} samples")
