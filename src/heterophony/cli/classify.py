"""`heterophony classify`: what is each of these sounds, how sure, and which must I look at myself?"""

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heterophony.cli.options import (
    SOME_REFUSED,
    Device,
    DeviceOption,
    Engine,
    EngineOption,
    NoStoreOption,
    StoreOption,
    WorkersOption,
    open_store,
    pick_device,
    worker_count,
)

if TYPE_CHECKING:
    from heterophony.clips import Clip
    from heterophony.recipes.trained import Trained
    from heterophony.report import Result

SHOWN_ROWS = 40
LEAST_WIDTHS = {"sure": 5, "class": 24, "or": 12, "sound": 24, "sound alone": 12, "words alone": 12}
WIDE = 120  # columns of a terminal in which what sound and words say alone has room too


def classify(  # noqa: PLR0913 - the options of a command
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders (searched through), or manifests.", metavar="PATH...")
    ],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the rows to a .csv, .parquet or .json file.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(help="A manifest with the words: file_name and any of title, tags, description.")
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Listen only; ignore all words.")] = False,
    model: Annotated[str, typer.Option(help="Name of a model, or the folder of one.")] = "bst-base",
    report: Annotated[
        Path | None, typer.Option(help="Write a page: one HTML file with tree, table and players.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows and totals as JSON, for machines.")] = False,
    seed: Annotated[int, typer.Option(help="Of anything random; classifying draws nothing, so all seeds agree.")] = 0,
    workers: WorkersOption = None,
    device: DeviceOption = Device.auto,
    engine: EngineOption = Engine.local,
    store: StoreOption = None,
    no_store: NoStoreOption = False,
) -> None:
    """Classify recordings. Exit code 0: all good; 3: some were refused (they are listed); 1: failed."""
    import torch

    from heterophony.cli.progress import progress_bar
    from heterophony.clips import collect
    from heterophony.recipes.classify import classify as run
    from heterophony.recipes.model_folder import load_model

    clips = collect(paths, text)
    _refuse_unwritable(output, report)
    trained = load_model(model).to(pick_device(device))
    torch.set_num_threads(1)  # so small a network: on a busy machine threads wait for each other for seconds
    kept = open_store(store, none=no_store)
    with progress_bar("Listening", "files", shown=not as_json) as progress:
        rows = run(
            clips,
            trained,
            kept,
            workers=worker_count(workers),
            use_words=not no_text,
            engine=engine.value,
            progress=progress,
        )
    if output is not None:
        from heterophony.report import write_results

        write_results(rows, output)
    if report is not None:
        _write_report(rows, clips, trained, report, model, quiet=as_json)
    totals = dict.fromkeys(("ok", "partial", "refused"), 0) | Counter(row.kind for row in rows)
    if as_json:
        sys.stdout.write(json.dumps(_for_machines(rows, totals, model, seed), ensure_ascii=True, indent=1) + "\n")
    else:
        _print_table(rows, trained, totals, [path for path in (output, report) if path is not None])
    if totals["refused"]:
        raise typer.Exit(SOME_REFUSED)


def _refuse_unwritable(output: Path | None, report: Path | None) -> None:
    """Finds out before the work, not after it, that a result has no place to go.

    Raises:
        InputError: Its folder is not there.
        ConfigError: Its suffix is none that can be written.
    """
    from heterophony.errors import ConfigError, InputError
    from heterophony.report.results_file import SUFFIXES

    for path in (output, report):
        if path is not None and not path.absolute().parent.is_dir():
            raise InputError(f"{path}: there is no folder {path.absolute().parent}; make it first")
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"{output}: results cannot be written as {output.suffix!r}; use {', '.join(SUFFIXES)}")


def _write_report(
    rows: Sequence["Result"], clips: Sequence["Clip"], trained: "Trained", path: Path, model: str, *, quiet: bool
) -> None:
    """The page, under a progress bar."""
    from heterophony.cli.progress import progress_bar
    from heterophony.report.page import PageSettings, write_page

    settings = PageSettings(subtitle=f"Classified by {model}")
    with progress_bar("Writing the page", "sounds", shown=not quiet) as report:
        write_page(rows, [clip.path for clip in clips], trained.taxonomy, path, settings, report)


def _for_machines(rows: Sequence["Result"], totals: Mapping[str, int], model: str, seed: int) -> dict[str, object]:
    return {
        "model": model,
        "seed": seed,
        "totals": {"files": len(rows), **totals},
        "rows": [row.plain() for row in rows],
    }


def _print_table(
    rows: Sequence["Result"], trained: "Trained", totals: Mapping[str, int], written: Sequence[Path]
) -> None:
    """The least certain first, what was refused with its reason, and the totals."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from heterophony.report.results_file import printable

    console = Console()
    ordered = sorted((row for row in rows if row.kind != "refused"), key=lambda row: row.class_probability or 0.0)
    table = Table(box=None, header_style="bold", pad_edge=False)
    titles = ("sure", "class", "or", "sound", *(("sound alone", "words alone") if console.width >= WIDE else ()))
    for title in titles:
        table.add_column(title, min_width=LEAST_WIDTHS[title], overflow="ellipsis", no_wrap=True)
    folder = _common_folder([row.file_name for row in rows])
    for row in ordered[:SHOWN_ROWS]:
        name = escape(printable(row.file_name.removeprefix(folder)))
        sure = f"{100 * (row.class_probability or 0):3.0f} %"
        readable = trained.taxonomy.readable(row.class_ or "")
        cells = (sure, readable, row.second or "", name, row.class_from_sound or "-", row.class_from_words or "-")
        table.add_row(*cells[: len(titles)])
    if ordered:
        console.print(table)
    if len(ordered) > SHOWN_ROWS:
        console.print(f"… and {len(ordered) - SHOWN_ROWS} more, surer than these; all of them with -o or --report")
    for row in rows:
        if row.kind != "ok":
            console.print(f"[bold]{row.kind}[/] {escape(printable(row.file_name))}: {escape(printable(row.reason))}")
    console.print(
        f"{len(rows)} files: {totals['ok']} ok, {totals['partial']} partial, {totals['refused']} refused"
        + "".join(f"; wrote {path}" for path in written),
        markup=False,
        soft_wrap=True,
    )


def _common_folder(names: Sequence[str]) -> str:
    """What all names begin with, up to a slash: it says nothing in a table.

    >>> _common_folder(["demo/sounds/a.wav", "demo/sounds/b.wav"])
    'demo/sounds/'
    """
    shared = os.path.commonprefix(names)  # noqa: RUF071 - cut at a slash below; absolute and relative names may mix
    return shared[: shared.rfind("/") + 1]
