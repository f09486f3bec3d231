"""A challenge's `meta.yaml`: what the authors say of themselves and of each system, and the scores of development."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from pydantic import Field

from heterophony.report.challenge_author import (
    Author,
    AuthorFile,
    Complexity,
    Description,
    ExternalDataset,
    Part,
    Text,
)
from heterophony.report.challenge_formats import Format

Table = dict[str, float]


class Submission(Part):
    """The head of `meta.yaml`."""

    label: Text
    name: Text
    abbreviation: Text
    authors: tuple[Author, ...] = Field(min_length=1)


class System(Part):
    """Its middle."""

    source_code: str | None
    description: Description
    complexity: Complexity
    external_datasets: tuple[ExternalDataset, ...]


class Scores(Part):
    """Measure to value, overall and by class."""

    overall: Table
    class_wise: dict[str, Table]


class Results(Part):
    """Its end: name of a development data set to scores."""

    development_datasets: dict[str, Scores]


class Meta(Part):
    """`meta.yaml` of one system."""

    submission: Submission
    system: System
    results: Results | None = None


def meta_of(authors: AuthorFile, number: int, form: Format, results: Mapping[str, Scores]) -> Meta:
    """The `meta.yaml` of the system `number`, counted from 0."""
    said = authors.systems[number]
    return Meta(
        submission=Submission(
            label=label_of(authors.label, form, number),
            name=said.name,
            abbreviation=said.abbreviation,
            authors=authors.authors,
        ),
        system=System(
            source_code=said.source_code,
            description=said.description,
            complexity=said.complexity,
            external_datasets=said.external_datasets,
        ),
        results=Results(development_datasets=dict(results)) if results else None,
    )


def label_of(label: str, form: Format, number: int) -> str:
    """`Lastname_Institute_task1_1` for the system 0."""
    return f"{label}_{form.task}_{number + 1}"


def label_pattern(form: Format) -> re.Pattern[str]:
    """What the label of a system looks like: (label of the authors, number from 1)."""
    return re.compile(rf"([A-Za-z0-9-]+_[A-Za-z0-9-]+)_{re.escape(form.task)}_([1-9])")


def write_meta(meta: Meta) -> str:
    """As YAML; what nobody said of the description is left out."""
    content: dict[str, Any] = meta.model_dump(mode="json")
    description = content["system"]["description"]
    content["system"]["description"] = {key: value for key, value in description.items() if value is not None}
    if content["results"] is None:
        del content["results"]
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    return text


def description_faults(description: Description, form: Format) -> Iterator[str]:
    """What the task wants to know and nobody says."""
    for key in form.description:
        if getattr(description, key) in (None, "", ()):
            yield f"description.{key} is missing"


def result_faults(results: Results | None, form: Format) -> Iterator[str]:
    """Data sets, measures and classes that are not those of the task, and values that cannot be."""
    for name, scores in (results.development_datasets if results else {}).items():
        if name not in form.datasets:
            yield f"results: no data set {name!r}; there are {', '.join(form.datasets)}"
        odd = sorted(set(scores.class_wise) - set(form.taxonomy.classes))
        if odd:
            yield f"results of {name}: classes that {form.taxonomy.name} has not: {', '.join(odd)}"
        for where, table in {"overall": scores.overall, **scores.class_wise}.items():
            lacking = [measure for measure in form.measures if measure not in table]
            if lacking:
                yield f"results of {name}, {where}: {', '.join(lacking)} is missing"
            yield from _value_faults(f"results of {name}, {where}", table)


def _value_faults(where: str, table: Table) -> Iterator[str]:
    for measure, value in table.items():
        most = float("inf") if measure == "logloss" else 1.0
        if not 0 <= value <= most or value == float("inf"):
            yield f"{where}: {measure} is {value}; wanted a fraction in 0..1"
