"""`heterophony submit`: predictions of an evaluation set to a challenge's package, or everything that is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from heterophony.clips import read_collection
from heterophony.errors import HeterophonyError, InputError
from heterophony.predictions.imported import read_predictions
from heterophony.recipes.check_package import META, OUTPUT, PAPER, paper_faults, typed
from heterophony.report.challenge_answers import read_answers
from heterophony.report.challenge_author import AuthorFile
from heterophony.report.challenge_csv import Answers, output_faults, write_output
from heterophony.report.challenge_formats import Format
from heterophony.report.challenge_meta import Scores, description_faults, label_of, meta_of, write_meta
from heterophony.report.challenge_results import development_scores
from heterophony.report.challenge_zip import pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What a package is made of.

    Attributes:
        form: The task.
        tables: Predictions of the evaluation set, one file per system.
        data: The evaluation set: its folder, a manifest, or a `.txt` with an id per line.
        authors: The YAML file that the authors wrote.
        runs: Development data set to one run (folder, or table with folds) per system; may be empty.
        paper: The technical report, a PDF; None: none yet.
    """

    form: Format
    tables: Sequence[Path]
    data: Path
    authors: Path
    runs: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    paper: Path | None = None


def make_package(package: Package) -> bytes:
    """The package as bytes; the same input gives the same.

    Raises:
        InputError: Anything is wrong: everything that is, one fault a line, each with its file.
    """
    form, faults = package.form, []
    wanted = evaluation_ids(package.data)
    authors, wrong = _read_authors(package.authors, form, len(package.tables))
    faults += wrong
    files: dict[str, bytes] = {}
    for number, path in enumerate(package.tables):
        try:
            answers = read_answers(path, form, set(wanted))
        except HeterophonyError as error:
            faults.append(str(error))
            continue
        faults += [f"{path}: {fault}" for fault in output_faults(answers, form, wanted)]
        if authors is not None:
            label = label_of(authors.label, form, number)
            files[f"{form.task}/{label}/{label}{OUTPUT}"] = write_output(_sorted(answers, wanted), form).encode()
    results, wrong = _results(package)
    faults += [*wrong, *_refuse_counts(package)]
    if package.paper is not None:
        faults += [f"{package.paper}: {fault}" for fault in paper_faults(_bytes(package.paper))]
    if faults or authors is None:
        raise InputError(f"{len(faults)} faults; nothing is written:\n" + "\n".join(f"  {fault}" for fault in faults))
    for number, found in enumerate(results):
        label = label_of(authors.label, form, number)
        files[f"{form.task}/{label}/{label}{META}"] = write_meta(meta_of(authors, number, form, found)).encode()
    if package.paper is not None:
        files[f"{form.task}/{authors.label}_{form.task}{PAPER}"] = _bytes(package.paper)
    return pack(files)


def write_package(content: bytes, path: Path) -> None:
    """Writes the package; a reader sees the whole file or none."""
    with NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}-", delete=False) as stream:
        stream.write(content)
    Path(stream.name).chmod(0o644)
    Path(stream.name).replace(path)


def evaluation_ids(data: Path) -> list[str]:
    """The ids that must be there: of a data set in its folder, of a manifest, or the lines of a `.txt`.

    Where a data set says which clips are for the test (`fold`), these.

    Raises:
        InputError: It cannot be read, or there is none.
    """
    if data.suffix.lower() != ".txt":
        clips = read_collection(data).clips
        tested = [clip.id for clip in clips if clip.fold == "test"]
        return tested or [clip.id for clip in clips]
    ids = [line.strip() for line in _bytes(data).decode("utf-8-sig").splitlines() if line.strip()]
    if not ids:
        raise InputError(f"{data}: no id in it; wanted one per line")
    return ids


def _read_authors(path: Path, form: Format, systems: int) -> tuple[AuthorFile | None, list[str]]:
    """What the authors say, and what is wrong with it."""
    said, wrong = typed(_bytes(path), AuthorFile)
    if said is None:
        return None, [f"{path}: {fault}" for fault in wrong]
    faults = [
        f"{path}: systems.{number}.{fault}"
        for number, one in enumerate(said.systems)
        for fault in description_faults(one.description, form)
    ]
    if len(said.systems) != systems:
        faults.append(f"{path}: describes {len(said.systems)} systems; {systems} tables of predictions came")
    return said, faults


def _refuse_counts(package: Package) -> Iterator[str]:
    if not 1 <= len(package.tables) <= package.form.most:
        yield f"{len(package.tables)} systems; {package.form.name} takes 1 to {package.form.most}"
    for name, runs in package.runs.items():
        if name not in package.form.datasets:
            yield f"--run {name}=...: no such data set; {package.form.name} has {', '.join(package.form.datasets)}"
        if len(runs) != len(package.tables):
            yield f"--run {name}=...: {len(runs)} runs for {len(package.tables)} systems; give one for each, in order"


def _results(package: Package) -> tuple[list[dict[str, Scores]], list[str]]:
    """For each system the scores of its runs by data set, and what is wrong with them."""
    results: list[dict[str, Scores]] = [{} for _ in package.tables]
    faults: list[str] = []
    for name, runs in package.runs.items():
        for found, path in zip(results, runs, strict=False):  # a wrong number is told by `_refuse_counts`
            try:
                found[name] = development_scores(read_predictions(path, package.form.taxonomy), package.form)
            except HeterophonyError as error:
                faults.append(f"--run {name}={path}: {error}")
    return results, faults


def _sorted(answers: Answers, wanted: Sequence[str]) -> Answers:
    """The rows in the order of the evaluation set, others last."""
    place = {key: row for row, key in enumerate(wanted)}
    order = sorted(range(len(answers.ids)), key=lambda row: place.get(answers.ids[row], len(place)))
    ids, labels = (tuple(column[row] for row in order) for column in (answers.ids, answers.labels))
    return Answers(ids, labels, answers.scores[order])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
