"""`heterophony out-of-fold`: what a run says of rows that it did not see, as vectors for another model."""

import sys
from pathlib import Path
from typing import Annotated

import typer

WARNING = (
    "not for an honest test by itself: the folds that speak of the training rows were taught the labels of the rows "
    "that are tested. Make the run without those, and give them with --rest (docs: recipes, out of fold)"
)


def out_of_fold(
    run: Annotated[Path, typer.Argument(help="A finished run of `heterophony train`.", metavar="RUN")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The .npz to write, for `--features VIEW=FILE`.")],
    rest: Annotated[
        Path | None,
        typer.Option(help="What `heterophony predict --model RUN` says of rows that are not in the run (.npz)."),
    ] = None,
) -> None:
    """Write the calibrated probabilities of each row from the fold that tested it, as vectors for another model.

    Their square roots (key root_probabilities) are for graphs, their logarithms (log_probabilities) for other models.

    A model that is trained on them is told of its training rows what it will be told of new ones.
    """
    from heterophony.errors import ConfigError, InputError
    from heterophony.recipes.out_of_fold import write_out_of_fold

    if output.suffix.lower() != ".npz":
        raise ConfigError(f"{output}: written as .npz, not as {output.suffix!r}")
    if not output.absolute().parent.is_dir():
        raise InputError(f"{output}: there is no folder {output.absolute().parent}; make it first")
    own, other = write_out_of_fold(run, output, rest)
    if rest is None:
        sys.stderr.write(f"{WARNING}\n")
    typer.echo(f"wrote {output}: {own} rows out of fold" + (f", {other} that the run has not seen" if other else ""))
