"""`meta.yaml`: what goes in comes out, and what the task wants to know."""

import json
from pathlib import Path

import yaml

from heterophony.report.challenge_author import AuthorFile, Description
from heterophony.report.challenge_formats import FORMATS
from heterophony.report.challenge_meta import (
    Meta,
    Results,
    Scores,
    description_faults,
    label_of,
    label_pattern,
    meta_of,
    result_faults,
    write_meta,
)

FORM = FORMATS["dcase2026-task1"]
AUTHORS = AuthorFile.model_validate_json(
    json.dumps(
        {
            "label": "Kim_XY",
            "authors": [
                {
                    "lastname": "Kim",
                    "firstname": "Ae",
                    "email": "ae@xy.org",
                    "corresponding": True,
                    "affiliation": {"abbreviation": "XY", "institute": "Institut für Ü"},
                }
            ],
            "systems": [
                {
                    "name": "One",
                    "abbreviation": "one",
                    "description": {"input_sampling_rate": 48000, "audio_representation": ["CLAP", "BEATs"]},
                    "complexity": {"total_parameters": 10},
                }
            ],
        }
    )
)
SCORES = Scores(
    overall={"hP": 0.8, "hR": 0.7, "hF": 0.75},
    class_wise={key: {"hP": 0.1, "hR": 0.2, "hF": 0.3} for key in FORM.taxonomy.classes},
)


def test_the_file_has_the_parts_of_the_template() -> None:
    meta = meta_of(AUTHORS, 0, FORM, {"bsd10k-v1.2": SCORES})
    text = write_meta(meta)
    content = yaml.safe_load(text)
    assert list(content) == ["submission", "system", "results"]
    assert content["submission"]["label"] == "Kim_XY_task1_1"
    assert content["submission"]["authors"][0]["affiliation"]["institute"] == "Institut für Ü"
    assert content["system"]["description"] == {"input_sampling_rate": 48000, "audio_representation": ["CLAP", "BEATs"]}
    assert content["system"]["complexity"] == {"total_parameters": 10, "MACS": None}
    assert content["results"]["development_datasets"]["bsd10k-v1.2"]["class_wise"]["fx-h"]["hF"] == 0.3
    assert "Ü" in text
    assert Meta.model_validate_json(json.dumps(content)) == meta


def test_the_example_of_the_docs_is_a_file_of_authors() -> None:
    page = Path(__file__).parents[2] / "docs" / "rooms" / "report.md"
    example = page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    said = AuthorFile.model_validate_json(json.dumps(yaml.safe_load(example)))
    assert list(description_faults(said.systems[0].description, FORM)) == []


def test_without_runs_there_are_no_results() -> None:
    assert "results" not in yaml.safe_load(write_meta(meta_of(AUTHORS, 0, FORM, {})))


def test_labels() -> None:
    assert label_of("Kim_XY", FORM, 3) == "Kim_XY_task1_4"
    match = label_pattern(FORM).fullmatch("Kim-Lee_XY_task1_4")
    assert match is not None
    assert match.groups() == ("Kim-Lee_XY", "4")
    assert label_pattern(FORM).fullmatch("Kim_XY_task1b_1") is None


def test_what_the_task_wants_described() -> None:
    said = Description(
        input_sampling_rate="16 kHz",
        audio_representation="log-mel",
        data_augmentation="none",
        machine_learning_method="HATR",
        external_data_usage="",
    )
    assert list(description_faults(said, FORM)) == [
        f"description.{key} is missing"
        for key in ("external_data_usage", "text_representation", "hierarchical_setting")
    ]
    assert "description.visual_representation is missing" in description_faults(said, FORMATS["dcase2021-task1b"])


def test_results_that_cannot_be() -> None:
    good = Results(development_datasets={"bsd10k-v1.2": SCORES})
    assert list(result_faults(good, FORM)) == []
    assert list(result_faults(None, FORM)) == []
    bad = Scores(overall={"hP": 80.0, "hR": 0.7, "hF": float("nan")}, class_wise={"fx-z": {"hP": 0.1, "hR": 0.1}})
    assert list(result_faults(Results(development_datasets={"bsd": bad}), FORM)) == [
        "results: no data set 'bsd'; there are bsd10k-v1.2, bsd35k-cs",
        "results of bsd: classes that bst has not: fx-z",
        "results of bsd, overall: hP is 80.0; wanted a fraction in 0..1",
        "results of bsd, overall: hF is nan; wanted a fraction in 0..1",
        "results of bsd, fx-z: hF is missing",
    ]
