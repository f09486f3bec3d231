"""`heterophony store`: which embeddings are kept, why they differ, whether they still hold, and the way in and out."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heterophony.cli.options import StoreOption, WorkersOption, default_store, worker_count

if TYPE_CHECKING:
    from heterophony.store import Shelf, Store
    from heterophony.store.catalogue import Entry
    from heterophony.store.verify import Drift

FAILED = 1
ALL = "all"

store = typer.Typer(help="List, compare, verify, import, export and compact kept embeddings.", no_args_is_help=True)

ShelfArgument = Annotated[
    str, typer.Argument(help="The beginning of its digest, or its encoder if only one shelf has it; see `store ls`.")
]


@store.command("ls")
def list_shelves(
    *,
    store: StoreOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON, for machines.")] = False,
) -> None:
    """List the shelves: which encoder made them, how many vectors, how large; damaged ones with what is wrong."""
    from heterophony.store import catalogue

    kept = _kept(store)
    entries = catalogue.list_shelves(kept)
    if as_json:
        sys.stdout.write(json.dumps([entry.record() for entry in entries], indent=1) + "\n")
        return
    for entry in entries:
        _print_entry(entry)
    size = sum(entry.size for entry in entries)
    typer.echo(f"{len(entries)} {'shelf' if len(entries) == 1 else 'shelves'}, {_bytes(size)} in {kept.folder}")


@store.command("why")
def why(one: ShelfArgument, other: ShelfArgument, *, store: StoreOption = None) -> None:
    """Say field by field why the vectors of two shelves differ."""
    from heterophony.store.catalogue import find_folder, why_different

    kept = _kept(store)
    first, second = find_folder(kept, one).name, find_folder(kept, other).name
    different = why_different(kept, first, second)
    for key, mine, theirs in different:
        typer.echo(f"{key}\n  {first}: {mine!r}\n  {second}: {theirs!r}")
    if not different:
        typer.echo(f"{first} and {second} have one fingerprint: nothing differs")


@store.command("export")
def export(
    shelf: ShelfArgument,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A .parquet, .npz or .safetensors file; replaced if it is there.")
    ],
    store: StoreOption = None,
) -> None:
    """Write a shelf to one file: keys, vectors, notes and the fingerprint, by key. Equal shelves give equal bytes."""
    from heterophony.store.catalogue import find_folder, open_shelf
    from heterophony.store.export import export_shelf

    rows = export_shelf(open_shelf(find_folder(_kept(store), shelf)), output)
    typer.echo(f"wrote {output}: {rows} vectors")


@store.command("import")
def import_vectors(
    path: Annotated[Path, typer.Argument(help="A folder of <id>.npy, or a file that `store export` has written.")],
    *,
    name: Annotated[str, typer.Option(help="What to call the vectors of a folder; recipes say imported:NAME.")] = "",
    modality: Annotated[str, typer.Option(help="What they were made from: sound, words or pictures.")] = "",
    dim: Annotated[int | None, typer.Option(min=1, help="Numbers per vector [default: as the first file].")] = None,
    unit: Annotated[bool, typer.Option("--unit", help="Refuse vectors whose norm is not 1 within 0.001.")] = False,
    ids: Annotated[
        Path | None, typer.Option(help="A table with a column id or sound_id: one file for each, and no other.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Put vectors into the store that somebody else made, all or nothing; every file is checked first."""
    from heterophony.errors import ConfigError
    from heterophony.store.import_file import import_file
    from heterophony.store.import_folder import import_folder

    kept = _kept(store)
    if path.suffix and not path.is_dir():
        _refuse_options(path, {"--name": name, "--modality": modality, "--dim": dim, "--unit": unit, "--ids": ids})
        fingerprint, rows = import_file(kept, path)
        typer.echo(f"imported {rows} new vectors of {fingerprint.encoder}: shelf {fingerprint.digest}")
        return
    if not name or not modality:
        raise ConfigError(f"{path}: a folder of vectors needs --name and --modality; a file says them itself")
    done = import_folder(kept, path, name, modality, dim=dim, unit=unit, ids=ids)
    least, mean, most = done.norms
    typer.echo(
        f"{'imported' if done.new else 'there already:'} {done.rows} vectors of {done.dim} numbers, norms "
        f"{least:.4g} to {most:.4g}, {mean:.4g} on average: shelf {done.fingerprint.digest}, imported:{name} in recipes"
    )


@store.command("verify")
def verify(
    shelf: Annotated[str, typer.Argument(help="As for `why`, or `all`.")],
    paths: Annotated[
        list[Path], typer.Argument(help="The files that were embedded: files, folders or manifests.", metavar="PATH...")
    ],
    *,
    sample: Annotated[int, typer.Option(min=1, help="How many files to embed again, at most.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of the drawing of the sample.")] = 0,
    tolerance: Annotated[float, typer.Option(min=0.0, help="The cosine must be at least 1 less this.")] = 1e-6,
    workers: WorkersOption = None,
    store: StoreOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON, for machines.")] = False,
) -> None:
    """Embed a sample of files again and compare. Exit code 0: the vectors still hold; 1: they have drifted."""
    from dataclasses import asdict

    from heterophony.clips import collect
    from heterophony.errors import StoreError
    from heterophony.store.verify import verify_shelves

    shelves = _shelves(_kept(store), shelf)
    drifts = verify_shelves(shelves, collect(paths), sample=sample, seed=seed, workers=worker_count(workers))
    if all(drift.skipped for drift in drifts):
        raise StoreError("nothing was verified: " + "; ".join(f"{drift.digest}: {drift.skipped}" for drift in drifts))
    if as_json:
        records = [asdict(drift) | {"within": drift.within(tolerance)} for drift in drifts]
        sys.stdout.write(json.dumps(records, indent=1) + "\n")
    else:
        for drift in drifts:
            _print_drift(drift, tolerance)
    if not all(drift.within(tolerance) for drift in drifts):
        raise typer.Exit(FAILED)


@store.command("compact")
def compact(
    shelf: Annotated[str, typer.Argument(help="As for `why`, or `all`.")] = ALL, *, store: StoreOption = None
) -> None:
    """Merge the many small files of a shelf into a few big ones, and remove what killed processes have left."""
    for one in _shelves(_kept(store), shelf):
        done = one.compact()
        said = "another process compacts it" if done.busy else f"{done.before} shards, now {done.after}"
        said += f"; {done.orphans} orphaned files removed" if done.orphans else ""
        typer.echo(f"{one.folder.name}  {one.fingerprint.encoder}: {said}")


def _kept(folder: Path | None) -> "Store":
    from heterophony.store import Store

    return Store(folder or default_store())


def _shelves(kept: "Store", name: str) -> list["Shelf"]:
    """The shelf of that name, or all.

    Raises:
        StoreError: There is none, or one is damaged.
    """
    from heterophony.errors import StoreError
    from heterophony.store import catalogue

    if name != ALL:
        return [catalogue.open_shelf(catalogue.find_folder(kept, name))]
    entries = catalogue.list_shelves(kept)
    if not entries:
        raise StoreError(f"{kept.folder}: nothing is kept there; `heterophony embed` or `classify` fills it")
    return [catalogue.open_shelf(entry.folder) for entry in entries]


def _refuse_options(path: Path, given: dict[str, object]) -> None:
    from heterophony.errors import ConfigError

    named = [option for option, value in given.items() if value]
    if named:
        raise ConfigError(f"{path}: {', '.join(named)} is for folders; a file says itself what its vectors are")


def _print_entry(entry: "Entry") -> None:
    if entry.fingerprint is None:
        typer.echo(f"{entry.folder.name}  DAMAGED, {_bytes(entry.size)}: {entry.damage}")
        return
    made = entry.fingerprint
    typer.echo(
        f"{entry.folder.name}  {made.encoder} ({made.modality}), version {made.version}, weights "
        f"{made.weights_sha256[:8] or '-'}"
    )
    pooling = f"pooling {made.pooling}; " if made.pooling else ""
    if entry.damage:
        typer.echo(f"  {pooling}DAMAGED, {_bytes(entry.size)}: {entry.damage}")
        return
    typer.echo(
        f"  {pooling}{entry.rows} vectors of {entry.dim} numbers as {made.stored_as}, {_bytes(entry.size)} in "
        f"{entry.shards} shard{'s' if entry.shards > 1 else ''}, {entry.written[:10] or 'never written'}"
    )


def _print_drift(drift: "Drift", tolerance: float) -> None:
    name = f"{drift.digest}  {drift.encoder}"
    if drift.skipped:
        typer.echo(f"{name}: skipped: {drift.skipped}")
        return
    said = f"{drift.identical} of {drift.checked} identical to the bit"
    if drift.identical < drift.checked:
        said += (
            f"; largest difference {drift.max_difference:.3g}, least cosine 1 - {1 - drift.min_cosine:.3g} "
            f"in {drift.worst}"
        )
    typer.echo(f"{name}: {'' if drift.within(tolerance) else 'DRIFT: '}{said}")
    for reason in drift.refused:
        typer.echo(f"  refused now: {reason}")


def _bytes(count: int) -> str:
    """A size to read.

    >>> _bytes(512), _bytes(24_700_000), _bytes(2_100_000_000)
    ('0.5 kB', '24.7 MB', '2.1 GB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1000:.1f} kB"
