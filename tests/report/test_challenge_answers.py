"""Tables of several programs as answers."""

from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.predictions import Predictions, softmax
from heterophony.report.challenge_answers import read_answers
from heterophony.report.challenge_formats import FORMATS
from heterophony.report.result import Result
from heterophony.report.results_file import write_results
from heterophony.taxonomy import BST, TAU

BST_TASK, TAU_TASK = FORMATS["dcase2026-task1"], FORMATS["dcase2021-task1b"]


def saved(path: Path, classes: tuple[str, ...]) -> Predictions:
    logits = np.random.default_rng(1).normal(size=(3, len(classes))).astype(np.float32)
    table = Predictions(("a", "b", "c"), logits, np.full(3, -1), np.zeros(3, dtype=np.int64), classes)
    table.save(path)
    return table


def test_our_predictions_with_classes_in_any_order(tmp_path: Path) -> None:
    table = saved(tmp_path / "x.npz", tuple(reversed(BST.classes)))
    said = read_answers(tmp_path / "x.npz", BST_TASK, {"a", "b", "c"})
    probabilities = softmax(table.logits)
    assert said.ids == table.ids
    assert said.labels == tuple(table.classes[label] for label in table.logits.argmax(axis=1))
    np.testing.assert_allclose(said.scores[:, 0], probabilities.max(axis=1))


def test_every_class_has_its_column_where_the_task_wants_them(tmp_path: Path) -> None:
    table = saved(tmp_path / "x.npz", tuple(reversed(TAU.classes)))
    said = read_answers(tmp_path / "x.npz", TAU_TASK, set())
    np.testing.assert_allclose(said.scores, softmax(table.logits)[:, ::-1])
    lines = ["filename," + ",".join(TAU.classes), *(f"{k}.wav," + ",".join(map(str, said.scores[k])) for k in range(3))]
    (tmp_path / "x.csv").write_text("\n".join(lines))
    again = read_answers(tmp_path / "x.csv", TAU_TASK, {"0.wav", "1.wav", "2.wav"})
    assert again.ids == ("0.wav", "1.wav", "2.wav")
    assert again.labels == said.labels
    np.testing.assert_array_equal(again.scores, said.scores)


def test_a_results_file_of_classify_names_files_and_the_evaluation_set_ids(tmp_path: Path) -> None:
    rows = [
        Result(file_name="audio/a.wav", class_="fx-h", class_probability=0.75),
        Result(file_name="b.wav", status="refused: broken"),
    ]
    write_results(rows, tmp_path / "rows.csv")
    said = read_answers(tmp_path / "rows.csv", BST_TASK, {"a", "b.wav"})
    assert said.ids == ("a", "b.wav")
    assert said.labels == ("fx-h", "")
    assert said.scores[0, 0] == 0.75
    assert np.isnan(said.scores[1, 0])


def test_the_challenge_s_own_columns_count_first(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,class,predicted_bst_second_level_class,prediction_score\na,m-m,sp-s,oops\n")
    said = read_answers(tmp_path / "x.csv", BST_TASK, set())
    assert said.labels == ("sp-s",)
    assert np.isnan(said.scores).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [("name,class,score\n", "no column for the id"), ("id,score\n", "for the class"), ("id,class\n", "probability of")],
)
def test_a_column_that_is_missing_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_answers(tmp_path / "x.csv", BST_TASK, set())


def test_other_classes_are_refused(tmp_path: Path) -> None:
    saved(tmp_path / "x.npz", ("airport", "sea"))
    with pytest.raises(InputError, match=r"x\.npz: not over the classes of tau; not in both: bus"):
        read_answers(tmp_path / "x.npz", TAU_TASK, set())
    (tmp_path / "x.csv").write_text("id,scene_label,airport\na,airport,1\n")
    with pytest.raises(InputError, match="no column bus"):
        read_answers(tmp_path / "x.csv", TAU_TASK, set())
