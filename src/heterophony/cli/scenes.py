"""`heterophony scenes`: what is to be heard and seen in a video, from when to when?"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heterophony.cli.options import SOME_REFUSED, Device, DeviceOption, pick_device

if TYPE_CHECKING:
    from rich.table import Table

    from heterophony.report.track import Track

SHOWN_ROWS = 40
ENDING = ".scenes"


class TrackFormat(StrEnum):
    """What tracks are written as."""

    csv = "csv"
    json = "json"
    vtt = "vtt"


def scenes(  # noqa: PLR0913 - the options of a command
    paths: Annotated[
        list[Path], typer.Argument(help="Videos and sound files, or folders (searched through).", metavar="VIDEO...")
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A .csv, .json or .vtt file for one video, or a folder that is there, for any number of them "
            "[default: NAME.scenes.csv beside each video].",
        ),
    ] = None,
    form: Annotated[TrackFormat, typer.Option("--format", help="Of the files, where -o names none.")] = TrackFormat.csv,
    model: Annotated[str, typer.Option(help="Name of a model that hears or sees, or the folder of one.")] = "bst-base",
    every: Annotated[float, typer.Option(help="Seconds from step to step.")] = 1.0,
    context: Annotated[
        float | None,
        typer.Option(
            help="Seconds of sound and pictures, around its middle, that a step sees [default: the length of the "
            "segments that the model was trained on, else 10]."
        ),
    ] = None,
    smooth: Annotated[
        float, typer.Option(help="Probabilities are averaged over so many seconds around each step; 0: not at all.")
    ] = 0.0,
    shortest: Annotated[
        float, typer.Option(help="Segments of fewer seconds are merged into the likelier neighbour; 0: none.")
    ] = 0.0,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew where an earlier run was killed, in place of going on.")
    ] = False,
    device: DeviceOption = Device.auto,
) -> None:
    """Label a video or a sound over time. A killed run goes on where it was. Exit codes as of classify."""
    import torch

    from heterophony.cli.progress import progress_bar
    from heterophony.clips import collect
    from heterophony.errors import MediaError
    from heterophony.recipes.model_folder import load_model
    from heterophony.recipes.scenes import SceneSettings, context_of
    from heterophony.recipes.scenes import scenes as run

    recordings = [clip.path for clip in collect(paths) if clip.path is not None]
    outputs = outputs_of(recordings, output, form.value)
    trained = load_model(model).to(pick_device(device))
    torch.set_num_threads(1)  # sound and pictures have a thread each
    settings = SceneSettings(
        every=every, context=context_of(trained) if context is None else context, smooth=smooth, shortest=shortest
    )
    tracks: list[tuple[Track, str]] = []
    refused: list[str] = []
    for path, to in zip(recordings, outputs, strict=True):
        try:
            with progress_bar("Watching", "s", shown=True) as progress:
                tracks.append(run(path, trained, model, to, settings, restart=restart, progress=progress))
        except MediaError as error:
            refused.append(str(error))
    _print(tracks, refused, outputs)
    if refused:
        raise typer.Exit(SOME_REFUSED)


def outputs_of(recordings: Sequence[Path], output: Path | None, suffix: str) -> list[Path]:
    """Where the track of each recording goes; found out before the work, not after it.

    Args:
        recordings: All of them.
        output: A file for one recording, a folder for any number; None: beside each.
        suffix: Of the files, where `output` is none.

    Raises:
        ConfigError: A file is named for several recordings, or one of a suffix that is none of tracks.
        InputError: There is no such folder, or two recordings would have one track.
    """
    from heterophony.errors import ConfigError, InputError
    from heterophony.report.track_file import writer_of

    if output is None or output.is_dir():
        found = [(output or path.parent) / f"{path.stem}{ENDING}.{suffix}" for path in recordings]
        twice = {to: path for to, path in zip(found, recordings, strict=True) if found.count(to) > 1}
        for to, path in twice.items():
            raise InputError(f"{to}: would be the track of {path} and of another; give them folders of their own")
        return found
    if len(recordings) > 1:
        raise ConfigError(f"-o {output}: {len(recordings)} recordings want a folder that is there, or no -o")
    writer_of(output)
    if not output.absolute().parent.is_dir():
        raise InputError(f"{output}: there is no folder {output.absolute().parent}; make it first")
    return [output]


def _print(tracks: Sequence[tuple["Track", str]], refused: Sequence[str], outputs: Sequence[Path]) -> None:
    """The segments of one recording, or a line for each of several; what was partial or refused, and the totals."""
    from rich.console import Console
    from rich.markup import escape

    from heterophony.report.results_file import printable

    console = Console()
    if len(tracks) == 1:
        console.print(_segments(tracks[0][0]))
        more = len(tracks[0][0].segments) - SHOWN_ROWS
        if more > 0:
            console.print(f"… and {more} more segments, all of them in {outputs[0]}", markup=False)
    elif tracks:
        console.print(_recordings([track for track, _ in tracks]))
    for track, problems in tracks:
        if problems:
            console.print(f"[bold]partial[/] {escape(printable(track.file_name))}: {escape(printable(problems))}")
    for reason in refused:
        console.print(f"[bold]refused[/] {escape(printable(reason))}")
    partial = sum(bool(problems) for _, problems in tracks)
    console.print(
        f"{len(outputs)} files: {len(tracks) - partial} ok, {partial} partial, {len(refused)} refused"
        + (f"; wrote {outputs[0]}" if len(outputs) == 1 and tracks else ""),
        markup=False,
        soft_wrap=True,
    )


def _segments(track: "Track") -> "Table":
    table = _table("start", "end", "label", "sure", "from")
    for one in track.segments[:SHOWN_ROWS]:
        times = (f"{one.start:.1f} s", f"{one.end:.1f} s")
        table.add_row(*times, one.name, f"{100 * one.probability:3.0f} %", " and ".join(one.modalities))
    return table


def _recordings(tracks: Sequence["Track"]) -> "Table":
    """For each recording its length, the number of segments, and the three labels that it has most of."""
    from rich.markup import escape

    from heterophony.report.results_file import printable

    table = _table("recording", "length", "segments", "mostly")
    for track in tracks:
        lasts: dict[str, float] = {}
        for one in track.segments:
            lasts[one.name] = lasts.get(one.name, 0.0) + one.end - one.start
        length = float(track.steps.edges[-1])
        mostly = sorted(lasts.items(), key=lambda item: -item[1])[:3]
        told = ", ".join(f"{name} {100 * time / length:.0f} %" for name, time in mostly)
        table.add_row(escape(printable(track.file_name)), f"{length:.1f} s", str(len(track.segments)), told)
    return table


def _table(*titles: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="ellipsis", no_wrap=True)
    return table
