"""Whether a challenge's package is right: names, output files, `meta.yaml`, technical report; every fault at once."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from heterophony.errors import InputError
from heterophony.recipes.complaints import complaints
from heterophony.report.challenge_csv import output_faults, read_output
from heterophony.report.challenge_formats import Format
from heterophony.report.challenge_meta import Meta, description_faults, label_pattern, result_faults
from heterophony.report.challenge_zip import unpack

OUTPUT, META, PAPER = ".output.csv", ".meta.yaml", ".technical_report.pdf"
_PDF = b"%PDF-"
_Model = TypeVar("_Model", bound=BaseModel)


def package_faults(path: Path, form: Format, wanted: Sequence[str] | None) -> Iterator[str]:
    """Everything that is wrong with a package, each fault with the file in it.

    Args:
        path: The zip.
        form: The task.
        wanted: The ids of the evaluation set; None: those of the first system, which all others must have.

    Raises:
        InputError: It is no zip.
    """
    files = unpack(path)
    named = {PurePosixPath(name).name: content for name, content in files.items()}
    if len(named) < len(files):
        yield f"{len(files) - len(named)} files have the name of another one in another folder"
    labels = [name.removesuffix(OUTPUT) for name in sorted(named) if name.endswith(OUTPUT)]
    yield from _name_faults(labels, sorted(files), form)
    for label in labels:
        try:
            answers = read_output(_text(named[label + OUTPUT]), form)
        except InputError as error:
            yield f"{label}{OUTPUT}: {error}"
            continue
        yield from (f"{label}{OUTPUT}: {fault}" for fault in output_faults(answers, form, wanted))
        wanted = list(answers.ids) if wanted is None else wanted
    for name in sorted(name for name in named if name.endswith(META)):
        yield from (f"{name}: {fault}" for fault in _meta_faults(named[name], name.removesuffix(META), form))
    for name in sorted(name for name in named if name.endswith(PAPER)):
        yield from (f"{name}: {fault}" for fault in paper_faults(named[name]))


def systems_in(path: Path) -> int:
    """How many systems a package has."""
    return sum(name.endswith(OUTPUT) for name in unpack(path))


def _name_faults(labels: Sequence[str], names: Sequence[str], form: Format) -> Iterator[str]:
    """Names that are not those of the task, too few or too many systems, and what else is in it."""
    if not labels:
        yield f"no *{OUTPUT} in it"
    if len(labels) > form.most:
        yield f"{len(labels)} systems; {form.name} takes {form.most}"
    found = [label_pattern(form).fullmatch(label) for label in labels]
    for label, match in zip(labels, found, strict=True):
        if match is None:
            yield f"{label}{OUTPUT}: wanted <Lastname>_<Institute>_{form.task}_<1-{form.most}>{OUTPUT}"
    numbers = [int(match[2]) for match in found if match]
    if numbers and numbers != list(range(1, len(labels) + 1)):
        yield f"the systems are numbered {', '.join(map(str, numbers))}; wanted 1 to {len(labels)}"
    if len({match[1] for match in found if match}) > 1:
        yield f"systems of several authors: {', '.join(labels)}"
    yield from _half_faults(labels, names)


def _half_faults(labels: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """Output files without `meta.yaml`, the other way round, and files that are neither."""
    halves = {PurePosixPath(name).name.removesuffix(META) for name in names if name.endswith(META)}
    yield from (f"{label}{OUTPUT}: no {label}{META} with it" for label in labels if label not in halves)
    yield from (f"{label}{META}: no {label}{OUTPUT} with it" for label in sorted(halves - set(labels)))
    for name in names:
        if not name.endswith((OUTPUT, META, PAPER)):
            yield f"{name}: a file that does not belong there"


def _meta_faults(content: bytes, label: str, form: Format) -> Iterator[str]:
    meta, wrong = typed(content, Meta)
    yield from wrong
    if meta is None:
        return
    if meta.submission.label != label:
        yield f"submission.label is {meta.submission.label!r}, the file's name says {label!r}"
    yield from description_faults(meta.system.description, form)
    yield from result_faults(meta.results, form)


def paper_faults(content: bytes) -> Iterator[str]:
    """Whether a technical report is a PDF."""
    if not content.startswith(_PDF):
        yield "not a PDF"


def typed(content: bytes, model: type[_Model]) -> tuple[_Model | None, list[str]]:
    """YAML as typed data, or everything that is wrong with it, each fault with the nearest name that would be right."""
    try:
        raw = yaml.safe_load(content.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return None, [f"not YAML in UTF-8: {error}"]
    try:
        return model.model_validate_json(json.dumps(raw, default=str)), []
    except ValidationError as error:
        return None, [line.strip() for line in complaints(error, model)]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")
