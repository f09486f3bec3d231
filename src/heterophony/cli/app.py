"""The commands and what each is for."""

from typing import Annotated

import typer

from heterophony import __version__
from heterophony.cli.augment import augment
from heterophony.cli.bank import bank
from heterophony.cli.classify import classify
from heterophony.cli.compare import compare
from heterophony.cli.embed import embed
from heterophony.cli.encoders import encoders
from heterophony.cli.ensemble import ensemble
from heterophony.cli.evaluate import evaluate
from heterophony.cli.extract import extract
from heterophony.cli.models import models
from heterophony.cli.out_of_fold import out_of_fold
from heterophony.cli.predict import predict
from heterophony.cli.recipes import recipes
from heterophony.cli.report import report
from heterophony.cli.scenes import scenes
from heterophony.cli.store import store
from heterophony.cli.submit import submit
from heterophony.cli.sweep import sweep
from heterophony.cli.train import train
from heterophony.cli.weights import weights

app = typer.Typer(
    name="heterophony",
    help="Classifies sound with whatever comes with it: the recording, the words around it, the pictures.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(classify)
app.command()(scenes)
app.command()(embed)
app.command()(encoders)
app.command()(augment)
app.command()(train)
app.command()(extract)
app.command()(sweep)
app.command()(predict)
app.command()(evaluate)
app.command()(compare)
app.command()(ensemble)
app.command()(report)
app.command()(submit)
app.command("out-of-fold")(out_of_fold)
app.add_typer(recipes, name="recipes")
app.command()(models)
app.add_typer(bank, name="bank")
app.add_typer(store, name="store")
app.add_typer(weights, name="weights")


def _version(*, value: bool) -> bool:
    if value:
        typer.echo(__version__)
        raise typer.Exit
    return value


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=lambda value: _version(value=value), is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Classifies sound with whatever comes with it: the recording, the words around it, the pictures."""
