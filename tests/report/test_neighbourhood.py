"""Whom a graph model asked: in JSON and on the page, never among the promised columns."""

import json
from pathlib import Path

from heterophony.report import COLUMNS, Result, write_results
from heterophony.report.neighbourhood import Near, Neighbourhood
from heterophony.report.page import PageSettings, write_page
from heterophony.taxonomy import from_pairs

NEAR = Near(id="k7", label="b", words="rain", distance=0.12345)
FOUND = Neighbourhood(novelty=0.98765, nearest={"sound": [NEAR, Near(id="k9", label="", words="", distance=0.5)]})


def row(found: Neighbourhood | None) -> Result:
    return Result(file_name="f.wav", class_="a", class_probability=0.7, neighbourhood=found)


def test_columns_are_the_same_with_and_without() -> None:
    assert tuple(row(FOUND).cells()) == COLUMNS
    assert row(FOUND).cells() == row(None).cells()
    assert row(None).plain() == row(None).cells()


def test_json_holds_it_and_csv_does_not(tmp_path: Path) -> None:
    write_results([row(FOUND), row(None)], tmp_path / "r.json")
    one, other = json.loads((tmp_path / "r.json").read_text())
    assert one["novelty"] == 0.9877
    assert one["nearest"] == {
        "sound": [
            {"id": "k7", "label": "b", "words": "rain", "distance": 0.1235},
            {"id": "k9", "label": None, "words": "", "distance": 0.5},
        ]
    }
    assert tuple(other) == COLUMNS
    write_results([row(FOUND)], tmp_path / "with.csv")
    write_results([row(None)], tmp_path / "without.csv")
    assert (tmp_path / "with.csv").read_bytes() == (tmp_path / "without.csv").read_bytes()


def test_the_page_shows_who_is_near(tmp_path: Path) -> None:
    settings = PageSettings(preview_budget_bytes=0)
    write_page([row(FOUND), row(None)], [None, None], from_pairs("t", ["a", "b"]), tmp_path / "p.html", settings)
    page = (tmp_path / "p.html").read_text()
    data = json.loads(page.split('id="data">', 1)[1].split("</script>", 1)[0])
    assert data["novelty"] == [0.9877, -1]
    assert data["near"] == [[["sound", ["k7", 1, "rain", 0.12], ["k9", -1, "", 0.5]]], []]
    assert "nearest known" in page
    write_page([row(None)], [None], from_pairs("t", ["a", "b"]), tmp_path / "p.html", settings)
    assert '"near":' not in (tmp_path / "p.html").read_text()
