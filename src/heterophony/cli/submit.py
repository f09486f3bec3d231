"""`heterophony submit`: a challenge's package from predictions, or a check of one."""

import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from heterophony.report.challenge_formats import Format


def submit(
    tables: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Predictions of the evaluation set, a file for each system: .npz of `predict` or `ensemble`, a "
            "results file of `classify`, or another program's table.",
            metavar="[TABLE]...",
        ),
    ] = None,
    *,
    data: Annotated[
        Path | None, typer.Option(help="The evaluation set: its folder, a manifest, or a .txt with an id per line.")
    ] = None,
    meta: Annotated[
        Path | None, typer.Option(help="YAML: label, authors, and one entry of `systems` per table.")
    ] = None,
    run: Annotated[
        list[str] | None,
        typer.Option(
            help="A cross-validated run (or table with folds) whose scores meta.yaml tells; one for each system, in "
            "order. DATASET=RUN for another development set than the usual one.",
            metavar="[DATASET=]RUN",
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="The technical report, a PDF.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The .zip to write.")] = None,
    task: Annotated[str, typer.Option("--format", help="dcase2026-task1 or dcase2021-task1b.")] = "dcase2026-task1",
    check: Annotated[Path | None, typer.Option(help="Check this package and write nothing.")] = None,
) -> None:
    """Write a challenge's package: output files, meta.yaml and technical report in one zip; or check one.

    Refused, every fault at once: ids that are missing, doubled or unknown; classes that are none; scores that are no
    numbers in 0..1, or all the same; what the authors left out. The same input gives the same bytes.
    """
    from heterophony.errors import ConfigError

    form = _format(task)
    if check is not None:
        if tables or meta or run or report or output:
            raise ConfigError("--check takes --data and --format only")
        _check(check, form, data)
        return
    if not tables or data is None or meta is None or output is None:
        raise ConfigError(
            "wanted TABLE... --data EVALUATION --meta AUTHORS.yaml -o PACKAGE.zip, or --check PACKAGE.zip"
        )
    from heterophony.recipes.submit import Package, make_package, write_package

    if output.suffix.lower() != ".zip" or not output.absolute().parent.is_dir():
        raise ConfigError(f"{output}: wanted a .zip in a folder that is there")
    runs = _runs(run or [], form)
    package = Package(form=form, tables=tables, data=data, authors=meta, runs=runs, paper=report)
    content = make_package(package)
    write_package(content, output)
    if not runs:
        sys.stderr.write("no --run: meta.yaml tells no results of development\n")
    if report is None:
        sys.stderr.write("no --report: the technical report is not in it\n")
    typer.echo(f"wrote {output}: {len(tables)} systems, {len(content):,} bytes")


def _check(path: Path, form: "Format", data: Path | None) -> None:
    from heterophony.errors import InputError
    from heterophony.recipes.check_package import package_faults, systems_in
    from heterophony.recipes.submit import evaluation_ids

    faults = list(package_faults(path, form, None if data is None else evaluation_ids(data)))
    if faults:
        raise InputError(f"{path}: {len(faults)} faults:\n" + "\n".join(f"  {fault}" for fault in faults))
    beside = "" if data is not None else "; no --data: whether the ids are those of the evaluation set was not checked"
    typer.echo(f"{path}: good, {systems_in(path)} systems{beside}")


def _format(name: str) -> "Format":
    from heterophony.errors import ConfigError
    from heterophony.recipes.complaints import nearest
    from heterophony.report.challenge_formats import FORMATS

    if name not in FORMATS:
        raise ConfigError(f"--format {name}: no such format; {nearest(name, list(FORMATS))}")
    return FORMATS[name]


def _runs(given: list[str], form: "Format") -> dict[str, list[Path]]:
    """Development data set to runs, in order; what stands before the first "=" is a data set unless it is a path."""
    runs: dict[str, list[Path]] = defaultdict(list)
    for text in given:
        name, equals, path = text.partition("=")
        named = bool(equals) and not Path(text).exists()
        runs[name if named else form.datasets[0]].append(Path(path if named else text))
    return dict(runs)
