import csv
import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from heterophony.errors import ConfigError
from heterophony.report import COLUMNS, Result, write_results

ROWS = [
    Result(
        file_name='ä, "b".wav',
        top="fx",
        top_probability=0.9,
        class_="fx-a",
        class_probability=2 / 3,
        second="fx-h",
        second_probability=0.25,
        third="ss-n",
        third_probability=0.0,
        class_from_sound="fx-a",
        class_from_words="ss-n",
        weight_sound=0.75,
        weight_words=0.25,
        title="a cat\nand a dog",
    ),
    Result(file_name="bad.wav", status="refused: empty file"),
]


def test_csv_holds_every_cell_and_leaves_missing_ones_empty(tmp_path: Path) -> None:
    write_results(ROWS, tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert tuple(first) == COLUMNS
    assert (first["file_name"], first["title"]) == (ROWS[0].file_name, ROWS[0].title)
    assert first["class_probability"] == "0.666667"
    assert first["third_probability"] == "0.000000"
    assert set(second.values()) == {"bad.wav", "refused: empty file", ""}


def test_json_and_parquet_hold_the_same_rows(tmp_path: Path) -> None:
    write_results(ROWS, tmp_path / "r.json")
    write_results(ROWS, tmp_path / "r.parquet")
    read = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert read == pq.read_table(tmp_path / "r.parquet").to_pylist()
    assert tuple(read[0]) == COLUMNS
    assert read[0]["class_probability"] == 0.666667
    assert read[1]["class"] is None


def test_no_rows_are_still_a_file(tmp_path: Path) -> None:
    for suffix in ("csv", "json", "parquet"):
        write_results([], tmp_path / f"r.{suffix}")
    assert json.loads((tmp_path / "r.json").read_text()) == []
    assert pq.read_table(tmp_path / "r.parquet").column_names == list(COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", "\r\n\ta,b"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe_in_csv_only(text: str, tmp_path: Path) -> None:
    row = Result(file_name=text, class_="m-m", class_probability=0.5, title=text)
    for suffix in ("csv", "json"):
        write_results([row], tmp_path / f"r.{suffix}")
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as stream:
        (cells,) = csv.DictReader(stream)
    assert cells["file_name"] == cells["title"] == "'" + text
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))[0]["title"] == text


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_a_file_name_that_is_not_utf_8_is_written_as_escapes(suffix: str, tmp_path: Path) -> None:
    write_results([Result(file_name=os.fsdecode(b"caf\xe9.wav"), status="refused: x")], tmp_path / f"r.{suffix}")
    if suffix == "parquet":
        assert pq.read_table(tmp_path / "r.parquet")["file_name"][0].as_py() == "caf\\udce9.wav"
    else:
        assert "caf\\udce9.wav" in (tmp_path / f"r.{suffix}").read_text(encoding="utf-8").replace("\\\\", "\\")


def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"r\.xlsx: .*use \.csv, \.parquet, \.json"):
        write_results(ROWS, tmp_path / "r.xlsx")
