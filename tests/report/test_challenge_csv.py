"""The output file: what is written is read back, and every fault is told with the ids that it concerns."""

import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.report.challenge_csv import Answers, output_faults, read_output, write_output
from heterophony.report.challenge_formats import FORMATS
from heterophony.taxonomy import TAU

BST_TASK, TAU_TASK = FORMATS["dcase2026-task1"], FORMATS["dcase2021-task1b"]


def answers(rows: str) -> Answers:
    """`id class score, id class score`."""
    cells = [row.split() for row in rows.split(",")]
    scores = np.array([[float(score)] for _, _, score in cells])
    return Answers(tuple(key for key, _, _ in cells), tuple(label for _, label, _ in cells), scores)


def scenes(*rows: list[float], labels: list[str] | None = None) -> Answers:
    scores = np.array(rows)
    said = labels or [TAU.classes[label] for label in scores.argmax(axis=1)]
    return Answers(tuple(f"{row}.wav" for row in range(len(rows))), tuple(said), scores)


def test_the_output_of_2026_byte_by_byte() -> None:
    text = write_output(answers("a fx-h 0.5,b m-si 0.123456789012"), BST_TASK)
    assert text == "id,predicted_bst_second_level_class,prediction_score\na,fx-h,0.5\nb,m-si,0.123456789\n"


def test_the_output_of_2021_has_tabs_and_ten_columns_in_alphabetical_order() -> None:
    head, row = write_output(scenes([0.91, *[0.01] * 9]), TAU_TASK).splitlines()
    assert head.split("\t") == ["filename", "scene_label", *sorted(TAU.classes)]
    assert row.split("\t") == ["0.wav", "airport", "0.91", *["0.01"] * 9]


@pytest.mark.parametrize("form", [BST_TASK, TAU_TASK])
def test_what_was_written_is_read_back(form: object) -> None:
    said = answers("a fx-h 0.5,b m-si 1e-12") if form is BST_TASK else scenes([1 - 9e-9, *[1e-9] * 9], [0.1] * 10)
    found = read_output("\ufeff" + write_output(said, form), form)
    assert (found.ids, found.labels) == (said.ids, said.labels)
    np.testing.assert_allclose(found.scores, said.scores, rtol=1e-8)


def test_another_header_or_a_cell_too_many_is_refused() -> None:
    with pytest.raises(InputError, match="header is id, class; dcase2026-task1 wants id, predicted_bst"):
        read_output("id,class\n", BST_TASK)
    with pytest.raises(InputError, match="header is nothing"):
        read_output("", BST_TASK)
    with pytest.raises(InputError, match="line 3: 4 cells"):
        read_output(write_output(answers("a fx-h 0.5"), BST_TASK) + "b,fx-h,0.5,1\n", BST_TASK)


def test_good_answers_have_no_faults() -> None:
    assert list(output_faults(answers("a fx-h 0.5,b m-si 0.25"), BST_TASK, ["b", "a"])) == []
    assert list(output_faults(answers("a fx-h 0.5"), BST_TASK)) == []
    assert list(output_faults(scenes([0.91, *[0.01] * 9], [*[0.01] * 9, 0.91]), TAU_TASK)) == []


def test_every_fault_is_told_at_once() -> None:
    bad = answers("a fx-h 0.5,a fx-h 1.5,c fx-hh nan,d sp-c -0.1,e Speech inf")
    assert list(output_faults(bad, BST_TASK, ["a", "b", "c"])) == [
        "1 ids more than once: a",
        "1 of 3 ids are missing: b",
        "2 ids that the evaluation set has not: d, e",
        "2 rows with a class that bst has not: c ('fx-hh'), e ('Speech'); did you mean 'fx-h'?",
        "2 rows with a score that is no finite number: c, e",
        "2 rows with a score outside 0..1: a, d",
    ]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("a fx-h 1,b fx-h 1", "all 2 rows have one and the same score, 1"),
        ("a fx-h 0.5,b sp-c 0.5,c sp-c 0.5", "all 3 rows have one and the same score, 0.5"),
    ],
)
def test_one_score_for_all_is_a_fault(rows: str, fault: str) -> None:
    assert list(output_faults(answers(rows), BST_TASK)) == [fault]


def test_no_row_is_a_fault() -> None:
    assert list(output_faults(Answers((), (), np.zeros((0, 1))), BST_TASK, ["a"])) == ["there is no row in it"]


def test_probabilities_sum_to_one_and_the_class_is_the_most_probable() -> None:
    even = [0.1] * 10
    sure = [0.91, *[0.01] * 9]
    assert list(output_faults(scenes(sure, [0.5, *[0.0] * 9]), TAU_TASK)) == [
        "1 rows whose probabilities do not sum to 1: 1.wav"
    ]
    assert list(output_faults(scenes(even, sure, labels=["tram", "tram"]), TAU_TASK)) == [
        "1 rows whose class is not the most probable one: 1.wav"
    ]
    assert next(output_faults(scenes(sure, sure), TAU_TASK)).startswith("all 2 rows have one and the same score")


def test_many_ids_are_named_by_the_first_five() -> None:
    wanted = [f"s{number}" for number in range(1, 9)]
    (fault,) = output_faults(answers("s1 fx-h 0.5"), BST_TASK, wanted)
    assert fault == "7 of 8 ids are missing: s2, s3, s4, s5, s6 and 2 more"
