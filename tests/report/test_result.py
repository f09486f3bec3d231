import pytest

from heterophony.errors import InputError
from heterophony.report import COLUMNS, Result


def test_the_columns_are_those_of_the_promise_in_that_order() -> None:
    assert ",".join(COLUMNS) == (
        "file_name,status,top,top_probability,class,class_probability,second,second_probability,third,third_probability,"
        "class_from_sound,class_from_words,weight_sound,weight_words,title"
    )
    row = Result(file_name="a.wav", class_="fx-a", class_probability=0.5, title="cat")
    assert tuple(row.cells()) == COLUMNS
    assert row.cells()["class"] == "fx-a"


def test_a_status_is_a_kind_and_a_reason() -> None:
    refused = Result(file_name="a.wav", status="refused: header: 0 Hz")
    assert (refused.kind, refused.reason) == ("refused", "header: 0 Hz")
    assert (Result(file_name="a", class_="m-m", class_probability=1.0).reason) == ""


def test_a_refused_row_has_no_predictions_and_every_other_row_has_one() -> None:
    with pytest.raises(InputError, match=r"b\.wav was refused, yet has predictions: class"):
        Result(file_name="b.wav", status="refused: empty", class_="m-m")
    with pytest.raises(InputError, match=r"b\.wav has status 'partial: x' but no class"):
        Result(file_name="b.wav", status="partial: x")


def test_unknown_states_and_impossible_probabilities_are_refused() -> None:
    with pytest.raises(InputError, match="status 'fine'"):
        Result(file_name="a", status="fine")
    with pytest.raises(InputError, match=r"second_probability is 1\.5"):
        Result(file_name="a", class_="m-m", class_probability=0.5, second_probability=1.5)
    with pytest.raises(InputError, match="class_probability is nan"):
        Result(file_name="a", class_="m-m", class_probability=float("nan"))
