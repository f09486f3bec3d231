"""`heterophony classify`, end to end on recordings that the test writes."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from heterophony.report import COLUMNS

Call = Callable[..., Any]


@pytest.fixture
def classify(heterophony: Call, run_folder: Path) -> Call:
    """`heterophony classify … --model RUN --workers 0`."""
    return lambda *arguments: heterophony("classify", *arguments, "--model", run_folder, "--workers", 0)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_folder_of_good_recordings_ends_with_0(classify: Call, sounds: Path, tmp_path: Path) -> None:
    said = classify(sounds, "-o", tmp_path / "out.csv")
    assert said.code == 0
    assert "3 files: 3 ok, 0 partial, 0 refused" in said.out
    assert "wrote" in said.out
    rows = rows_of(tmp_path / "out.csv")
    assert tuple(rows[0]) == COLUMNS
    assert [Path(row["file_name"]).name for row in rows] == ["low_hum.wav", "x1.wav", "beep.wav"]
    assert [row["class_from_sound"] for row in rows] == ["low", "noise", "high"]
    assert [row["status"] for row in rows] == ["ok"] * 3


def test_words_come_from_the_name_where_there_are_no_others(classify: Call, sounds: Path, tmp_path: Path) -> None:
    classify(sounds, "-o", tmp_path / "out.csv")
    named, bare, beep = rows_of(tmp_path / "out.csv")
    assert (named["title"], named["class_from_words"]) == ("low hum", "low")
    assert (beep["title"], beep["class_from_words"]) == ("beep", "high")
    assert bare["weight_sound"] != ""


def test_broken_files_are_refused_with_a_reason_and_end_with_3(classify: Call, mixed: Path, tmp_path: Path) -> None:
    said = classify(mixed, "-o", tmp_path / "out.csv")
    assert said.code == 3
    assert "8 files: 3 ok, 1 partial, 4 refused" in said.out
    rows = {Path(row["file_name"]).name: row for row in rows_of(tmp_path / "out.csv")}
    for name in ("empty.wav", "letter.mp3", "a_tail.wav", "short.wav"):
        kind, _, reason = rows[name]["status"].partition(": ")
        assert (kind, bool(reason)) == ("refused", True)
        assert {rows[name][column] for column in COLUMNS[2:-1]} == {""}
        assert name in said.out
    assert rows["still.wav"]["status"] == "partial: digital silence"
    assert rows["still.wav"]["class"] != ""


def test_one_bad_file_does_not_change_a_byte_of_the_others(
    classify: Call, mixed: Path, sounds: Path, tmp_path: Path
) -> None:
    classify(mixed, "-o", tmp_path / "all.csv", "--no-store")
    for name in ("empty.wav", "letter.mp3", "a_tail.wav", "short.wav", "still.wav"):
        (mixed / name).unlink()
    classify(mixed, "-o", tmp_path / "good.csv", "--no-store")
    every = (tmp_path / "all.csv").read_bytes().splitlines()
    good = (tmp_path / "good.csv").read_bytes().splitlines()
    assert len(good) == 4
    assert [line for line in every if line in good] == good


def test_nothing_that_is_not_a_number_is_ever_written(classify: Call, mixed: Path, tmp_path: Path) -> None:
    for suffix in ("csv", "json"):
        classify(mixed, "-o", tmp_path / f"out.{suffix}")
        text = (tmp_path / f"out.{suffix}").read_text().lower()
        assert "nan" not in text
        assert "inf" not in text


def test_a_warm_store_and_more_workers_give_the_same_bytes(
    heterophony: Call, run_folder: Path, mixed: Path, tmp_path: Path
) -> None:
    for name, workers in (("cold", 2), ("warm", 0)):
        said = heterophony(
            "classify", mixed, "-o", tmp_path / f"{name}.csv", "--model", run_folder, "--workers", workers,
            "--store", tmp_path / "store",
        )  # fmt: skip
        assert said.code == 3
    assert (tmp_path / "cold.csv").read_bytes() == (tmp_path / "warm.csv").read_bytes()


def test_the_three_formats_say_the_same(classify: Call, mixed: Path, tmp_path: Path) -> None:
    for suffix in ("csv", "parquet", "json"):
        assert classify(mixed, "-o", tmp_path / f"out.{suffix}").code == 3
    rows = rows_of(tmp_path / "out.csv")
    listed = json.loads((tmp_path / "out.json").read_text())
    table = pq.read_table(tmp_path / "out.parquet")
    assert tuple(table.column_names) == COLUMNS
    assert table.to_pylist() == listed
    for row, other in zip(rows, listed, strict=True):
        for name in COLUMNS:
            value = other[name]
            wanted = "" if value is None else f"{value:.6f}" if isinstance(value, float) else value
            assert row[name] == wanted


def test_json_is_all_that_is_printed(classify: Call, mixed: Path) -> None:
    said = classify(mixed, "--json")
    told = json.loads(said.out)
    assert said.code == 3
    assert told["totals"] == {"files": 8, "ok": 3, "partial": 1, "refused": 4}
    assert [tuple(row) for row in told["rows"]] == [COLUMNS] * 8
    assert said.err == ""


def test_seeds_change_nothing(classify: Call, sounds: Path) -> None:
    one, two = (json.loads(classify(sounds, "--json", "--seed", seed).out) for seed in (1, 2))
    assert one["rows"] == two["rows"]
    assert (one["seed"], two["seed"]) == (1, 2)


def test_without_words_it_only_listens(classify: Call, sounds: Path) -> None:
    for row in json.loads(classify(sounds, "--json", "--no-text").out)["rows"]:
        assert (row["class_from_words"], row["weight_words"]) == (None, None)
        assert row["weight_sound"] == pytest.approx(1)
        assert row["class"] == row["class_from_sound"]


def test_words_may_come_from_a_table(classify: Call, sounds: Path, tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("file_name,title,tags\nx1.wav,shrill whistle,beep\n")
    rows = json.loads(classify(sounds, "--json", "--text", tmp_path / "words.csv").out)["rows"]
    by_name = {Path(row["file_name"]).name: row for row in rows}
    assert by_name["x1.wav"]["title"] == "shrill whistle"
    assert by_name["x1.wav"]["class_from_words"] == "high"
    assert by_name["beep.wav"]["title"] == "beep"


def test_a_manifest_lists_what_to_classify(classify: Call, corpus: Path) -> None:
    rows = json.loads(classify(corpus, "--json").out)["rows"]
    assert [row["file_name"] for row in rows[:2]] == ["sounds/0.wav", "sounds/1.wav"]
    assert rows[-1]["file_name"] == "c35"  # a row of words only goes by its id
    right = [row["class"] == ("low", "high", "noise")[number % 3] for number, row in enumerate(rows)]
    assert sum(right) >= 34


def test_the_page_is_one_file_that_names_every_sound(classify: Call, mixed: Path, tmp_path: Path) -> None:
    said = classify(mixed, "--report", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert str(tmp_path / "page.html") in said.out.replace("\n", "")
    for path in mixed.rglob("*.*"):
        assert path.name in page
    assert "Content-Security-Policy" in page
    assert "<svg" in page
    assert "data:audio" in page
    assert 'src="http' not in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{gone}/none.wav"], "none.wav: does not exist"),
        (["{sounds}", "-o", "out.xlsx"], "cannot be written as '.xlsx'; use .csv, .parquet, .json"),
        (["{sounds}", "-o", "{gone}/no/out.csv"], "there is no folder"),
        (["{sounds}", "--report", "{gone}/no/page.html"], "there is no folder"),
        (["{sounds}", "--model", "no-such-model"], "no model 'no-such-model'"),
        (["{sounds}", "--text", "{gone}/words.csv"], "words.csv"),
        (["{gone}"], "no recording in it"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_ends_with_1(
    heterophony: Call, run_folder: Path, sounds: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    filled = [one.format(sounds=sounds, gone=tmp_path) for one in arguments]
    model = [] if "--model" in filled else ["--model", run_folder]
    said = heterophony("classify", *filled, *model, "--workers", 0)
    assert said.code == 1
    assert said.err.startswith("heterophony: ")
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_what_the_system_refuses_is_said_in_one_line_too(classify: Call, sounds: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").write_text("")
    for arguments in (["-o", tmp_path / "folder.csv"], ["--store", tmp_path / "file"]):
        said = classify(sounds, *arguments)
        assert said.code == 1
        assert said.err.splitlines()[-1].startswith(f"heterophony: {arguments[1]}")
        assert "Traceback" not in said.err


def test_where_nothing_can_be_used_there_are_only_refusals(classify: Call, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    said = classify(tmp_path / "empty.wav", "-o", tmp_path / "out.csv", "--report", tmp_path / "page.html")
    assert said.code == 3
    assert "1 files: 0 ok, 0 partial, 1 refused" in said.out
    (row,) = rows_of(tmp_path / "out.csv")
    assert row["status"] == "refused: is empty (0 bytes)"


def test_a_device_that_is_not_there_is_refused(classify: Call, sounds: Path) -> None:
    import torch

    if torch.backends.mps.is_available():
        pytest.skip("this machine has the device that the test takes for absent")
    said = classify(sounds, "--device", "mps")
    assert said.code == 1
    assert "this machine has none that torch can use; try --device auto" in said.err


def test_an_option_that_is_not_known_ends_with_2(heterophony: Call, sounds: Path) -> None:
    assert heterophony("classify", sounds, "--modle", "x").code == 2


def test_names_that_look_like_markup_or_formulas_stay_names(classify: Call, sounds: Path, tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    shutil.copy(sounds / "x1.wav", tmp_path / "odd" / "[bold]=1+1.wav")
    said = classify(tmp_path / "odd" / "[bold]=1+1.wav", "-o", tmp_path / "out.csv", "--report", tmp_path / "p.html")
    assert said.code == 0
    assert "[bold]=1+1.wav" in said.out
    (row,) = rows_of(tmp_path / "out.csv")
    assert row["file_name"].endswith("[bold]=1+1.wav")
