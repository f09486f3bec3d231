"""`heterophony augment`: augmented copies of a labelled collection, to be trained on beside it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from heterophony.cli.options import SOME_REFUSED


def augment(
    data: Annotated[
        Path, typer.Argument(help="A manifest with labels, or the folder of a data set that is known.", metavar="DATA")
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the copies and copies.csv.")],
    operation: Annotated[
        list[str] | None,
        typer.Option(help="pitch-shift, speed-change, additive-noise or same-class-mix [default: each of them]."),
    ] = None,
    copies: Annotated[int, typer.Option(min=1, help="Of each recording by each operation.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of all that is drawn.")] = 1821,
    rate: Annotated[int, typer.Option(min=1, help="Sampling rate of the copies in Hz.")] = 48_000,
    mono: Annotated[bool, typer.Option("--mono", help="One channel, the mean; else left and right.")] = False,
) -> None:
    """Write augmented copies of recordings. Exit code 0: all good; 3: some were refused (listed); 1: failed.

    Train on them with `--extra copies=FOLDER/copies.csv` and a recipe that says `extra: {copies: {copies: true}}`: a
    copy is trained on only in folds that train on all it was made of. It has the pictures of its clip.
    """
    from heterophony.augment import WAVEFORM_AUGMENTATIONS
    from heterophony.cli.progress import progress_bar
    from heterophony.clips import read_collection
    from heterophony.media import Form
    from heterophony.recipes.copies import write_copies
    from heterophony.recipes.copies_of_clip import CopySettings

    settings = CopySettings(
        operations=tuple(operation or WAVEFORM_AUGMENTATIONS),
        copies=copies,
        seed=seed,
        form=Form(rate, 1 if mono else 2),
    )
    clips = read_collection(data).clips
    with progress_bar("Writing", "recordings", shown=True) as report:
        done = write_copies(clips, settings, output, report)
    for name, reason in done.refused:
        sys.stderr.write(f"refused {name}: {reason}\n")
    typer.echo(f"{len(clips)} clips: {done.written} copies, {len(done.refused)} refused; wrote {done.manifest}")
    if done.refused:
        raise typer.Exit(SOME_REFUSED)
