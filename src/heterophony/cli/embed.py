"""`heterophony embed`: every encoder, every file, once."""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heterophony.cli.options import (
    SOME_REFUSED,
    Engine,
    EngineOption,
    NoStoreOption,
    StoreOption,
    WorkersOption,
    open_store,
    worker_count,
)

if TYPE_CHECKING:
    from heterophony.store import Embedded

SHOWN_REASONS = 20


class Words(StrEnum):
    """Where the words of a clip come from."""

    anything = "anything"
    manifest = "manifest"
    none = "none"


class Precision(StrEnum):
    """What the store keeps."""

    float32 = "float32"
    float16 = "float16"


def embed(  # noqa: PLR0913 - the options of a command
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders (searched through), or manifests.", metavar="PATH...")
    ],
    *,
    encoder: Annotated[
        list[str],
        typer.Option(
            help="NAME, NAME:POOLING, or several of one modality joined by commas; again for another. "
            "VIEW=NAME gives the vectors a name of their own. `heterophony encoders` lists them."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the vectors to a .npz, .parquet or .safetensors file.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(help="A manifest with the words: file_name and any of title, tags, description.")
    ] = None,
    words: Annotated[
        Words, typer.Option(help="Words of the manifest, else tags in the file, else its name; or only the manifest's.")
    ] = Words.anything,
    stored_as: Annotated[Precision, typer.Option(help="float16 halves the store.")] = Precision.float32,
    engine: EngineOption = Engine.local,
    as_json: Annotated[bool, typer.Option("--json", help="Print the totals as JSON, for machines.")] = False,
    workers: WorkersOption = None,
    store: StoreOption = None,
    no_store: NoStoreOption = False,
) -> None:
    """Compute embeddings and keep them. A killed run goes on where it was: what is in the store is not done again.

    Exit code 0: all good; 3: some were refused (they are listed); 1: failed.
    """
    from heterophony.cli.progress import progress_bar
    from heterophony.clips import collect
    from heterophony.store import embed_clips, write_vectors

    views = read_views_given(encoder)
    _refuse_unwritable(output)
    clips = collect(paths, text)
    start = time.perf_counter()
    with progress_bar("Embedding", "clips", shown=not as_json) as report:
        embedded = embed_clips(
            clips,
            views,
            open_store(store, none=no_store),
            workers=worker_count(workers),
            words=words.value,
            engine=engine.value,
            stored_as=stored_as.value,
            progress=report,
        )
    totals = _totals(embedded, views, time.perf_counter() - start)
    if output is not None:
        write_vectors(embedded, list(views), output)
    if as_json:
        sys.stdout.write(json.dumps(totals, ensure_ascii=True, indent=1) + "\n")
    else:
        _print(embedded, totals, output)
    if totals["refused"]:
        raise typer.Exit(SOME_REFUSED)


def read_views_given(texts: Sequence[str]) -> dict[str, str]:
    """Views from `--encoder` options: `VIEW=ENCODERS`, or the encoders alone, which then are the name too.

    Raises:
        ConfigError: A view is named twice.

    >>> read_views_given(["yamnet", "text=minilm"])
    {'yamnet': 'yamnet', 'text': 'minilm'}
    """
    from heterophony.errors import ConfigError

    views: dict[str, str] = {}
    for text in texts:
        name, _, encoders = text.rpartition("=")
        if (name or encoders) in views:
            raise ConfigError(
                f"--encoder {text}: {name or encoders!r} is there twice; name one of them: OTHER={encoders}"
            )
        views[name or encoders] = encoders
    return views


def _refuse_unwritable(output: Path | None) -> None:
    """Finds out before the work, not after it, that a result has no place to go."""
    from heterophony.errors import ConfigError, InputError
    from heterophony.store.vectors_file import SUFFIXES

    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"{output}: vectors cannot be written as {output.suffix!r}; use {', '.join(SUFFIXES)}")
    if output is not None and not output.absolute().parent.is_dir():
        raise InputError(f"{output}: there is no folder {output.absolute().parent}; make it first")


def _totals(embedded: "Sequence[Embedded]", views: dict[str, str], took_s: float) -> dict[str, Any]:
    counts = dict.fromkeys(("ok", "partial", "refused"), 0) | Counter(one.status for one in embedded)
    there = {view: [one.vectors[view] for one in embedded if view in one.vectors] for view in views}
    return {
        "clips": len(embedded),
        **counts,
        "seconds_of_sound": round(sum(one.seconds for one in embedded), 3),
        "took_s": round(took_s, 3),
        "views": {
            view: {"encoder": views[view], "clips": len(found), "dim": len(found[0]) if found else 0}
            for view, found in there.items()
        },
        "not_ok": [{"id": one.clip.id, "status": one.status, "reason": one.reason} for one in embedded if one.reason],
    }


def _print(embedded: "Sequence[Embedded]", totals: dict[str, Any], output: Path | None) -> None:
    from heterophony.report.results_file import printable

    for view, said in totals["views"].items():
        typer.echo(f"{view}: {said['clips']} of {totals['clips']} clips, {said['dim']} numbers each")
    odd = [one for one in embedded if one.status != "ok"]
    for one in odd[:SHOWN_REASONS]:
        typer.echo(f"{one.status} {printable(one.clip.id)}: {printable(one.reason)}")
    if len(odd) > SHOWN_REASONS:
        typer.echo(f"… and {len(odd) - SHOWN_REASONS} more; all of them with --json or -o FILE.parquet")
    took, sound = totals["took_s"], totals["seconds_of_sound"]
    speed = f"{len(embedded) / took:.1f} clips/s, {sound / took:.0f} times real time" if took else ""
    counts = ", ".join(f"{totals[kind]} {kind}" for kind in ("ok", "partial", "refused"))
    typer.echo(f"{totals['clips']} clips: {counts}; {speed}" + (f"; wrote {output}" if output else ""))
