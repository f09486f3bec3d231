"""`heterophony weights`: the published weights that no wheel brings, and how they get here."""

from pathlib import Path
from typing import Annotated

import typer

weights = typer.Typer(
    help="List the weights that encoders need; add them from a file or the hub.", no_args_is_help=True
)

Sha256Option = Annotated[
    str, typer.Option("--sha256", help="What the file must hash to; needed where the list does not say it.")
]


@weights.command("list")
def list_weights() -> None:
    """List every published checkpoint: is it here, which file is it, where does it come from."""
    from heterophony.encoders.checkpoints import CHECKPOINTS
    from heterophony.encoders.own_weights import find_weights
    from heterophony.errors import ModelError

    for name, checkpoint in CHECKPOINTS.items():
        try:
            state = f"here, SHA-256 {find_weights(name).sha256[:8]}…"
        except ModelError as error:
            state = "not here" if "are not here" in str(error) else f"damaged: {error}"
        typer.echo(f"{name}: {state}")
        wanted = f"  {checkpoint.file}, SHA-256 {checkpoint.sha256 or 'unknown: give it with --sha256'}"
        typer.echo(f"{wanted}; {checkpoint.licence}; {checkpoint.source}")


@weights.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name in `heterophony weights list`.")],
    file: Annotated[Path, typer.Argument(help="The published file: .pt, .pth, .safetensors, .h5, .onnx …")],
    *,
    sha256: Sha256Option = "",
) -> None:
    """Check a file of weights, convert it in a process of its own, and keep it for the encoders that need it."""
    from heterophony.encoders.own_weights import add_weights

    added = add_weights(name, file, sha256)
    typer.echo(f"{name}: added, SHA-256 {added.sha256}; kept as {added.path}")


@weights.command("get")
def get(
    name: Annotated[str, typer.Argument(help="Name in `heterophony weights list`.")],
    *,
    revision: Annotated[str, typer.Option(help="Commit of the hub's repository, where the list has none.")] = "",
    sha256: Sha256Option = "",
) -> None:
    """Download weights from the hub, then do as `add` does. The only command that uses the network."""
    from heterophony.encoders.hub import fetch
    from heterophony.encoders.own_weights import add_weights

    added = add_weights(name, fetch(name, revision), sha256)
    typer.echo(f"{name}: added, SHA-256 {added.sha256}; kept as {added.path}")
