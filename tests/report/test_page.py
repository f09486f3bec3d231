import base64
import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile

from heterophony.errors import AlignmentError, InputError
from heterophony.report import Result
from heterophony.report.page import PageSettings, write_page
from heterophony.report.page_rows import page_rows
from heterophony.report.previews import Preview
from heterophony.report.summary import histogram, totals
from heterophony.taxonomy import BST, from_pairs

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>' onmouseover='alert(3)"


@dataclass
class Parsed(HTMLParser):
    """The elements of a page as a browser would see them."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append((self.tags[-1][0] if self.tags else "", data))


def row(name: str, probability: float = 0.8, **cells: object) -> Result:
    label = cells.pop("label", "fx-a")
    return Result(file_name=name, top="fx", top_probability=0.9, class_=label, class_probability=probability, **cells)


def written(rows: list[Result], tmp_path: Path, **settings: object) -> tuple[str, Parsed, dict]:
    page = tmp_path / "page.html"
    write_page(rows, [None] * len(rows), BST, page, PageSettings(**settings))
    text = page.read_text(encoding="utf-8")
    parsed = Parsed()
    parsed.feed(text)
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data
    return text, parsed, json.loads(data[1])


def test_hostile_names_and_titles_stay_text(tmp_path: Path) -> None:
    rows = [row(HOSTILE, title=HOSTILE), Result(file_name=HOSTILE, status=f"refused: {HOSTILE}", title=HOSTILE)]
    text, parsed, data = written(rows, tmp_path, title=HOSTILE, subtitle=HOSTILE)
    assert data["file"] == data["title"] == [HOSTILE]
    assert [attributes.get("type") for tag, attributes in parsed.tags if tag == "script"] == ["application/json", None]
    assert not [tag for tag, _ in parsed.tags if tag in ("img", "iframe", "object", "link", "base", "form")]
    assert not [name for _, attributes in parsed.tags for name in attributes if name.startswith("on")]
    assert ("code", HOSTILE) in parsed.texts
    assert ("h1", HOSTILE) in parsed.texts
    assert "alert(1)</script>" not in text


def test_a_file_called_like_a_script_address_is_linked_as_a_file(tmp_path: Path) -> None:
    sound = tmp_path / "javascript:alert(1)"
    write_page([row("x")], [sound], BST, tmp_path / "page.html", PageSettings(preview_budget_bytes=0))
    assert '"link":["./javascript%3Aalert%281%29"]' in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_policy_names_exactly_the_script_and_the_style_of_the_page(tmp_path: Path) -> None:
    text, parsed, _ = written([row("a")], tmp_path)
    (policy,) = [entry["content"] for _, entry in parsed.tags if entry.get("http-equiv") == "Content-Security-Policy"]
    for element in ("script", "style"):
        (inside,) = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in (policy or "")
    assert not [name for _, entry in parsed.tags for name in entry if name in ("style", "src")]


def test_the_page_loads_nothing_from_anywhere(tmp_path: Path) -> None:
    text, _, _ = written([row("a", title="see https://example.org")], tmp_path)
    outside = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+[^\s\"']*", text)
    assert set(outside) <= {"http://www.w3.org/2000/svg", "https://example.org"}
    assert "@import" not in text


def test_rows_come_least_certain_first_and_refused_ones_apart(tmp_path: Path) -> None:
    rows = [
        row("sure", 0.9),
        Result(file_name="bad", status="refused: empty file"),
        row("unsure", 0.2),
        row("mid", 0.5),
    ]
    _, parsed, data = written(rows, tmp_path)
    assert data["file"] == ["unsure", "mid", "sure"]
    assert data["p"] == [0.2, 0.5, 0.9]
    assert data["classes"][data["cls"][0]]["name"] == "animals"
    assert ("td", "empty file") in parsed.texts


def test_the_totals_add_up() -> None:
    rows = [
        row("a", 0.2, class_from_sound="fx-a", class_from_words="ss-n"),
        row("b", 0.6, status="partial: 3 s of 10 s", class_from_sound="fx-a", class_from_words="fx-a"),
        row("c", 0.7, class_from_sound="fx-a"),
        Result(file_name="d", status="refused: empty"),
    ]
    got = totals(rows, unsure_below=0.5)
    assert (got.files, got.ok, got.partial, got.refused) == (4, 2, 1, 1)
    assert (got.median_probability, got.unsure, got.disagreeing) == (0.6, 1, 1)
    assert totals([], 0.5).median_probability is None


def test_the_histogram_counts_every_row_once_including_certainty_itself() -> None:
    counts = histogram([row("a", 0.0), row("b", 0.049), row("c", 0.5), row("d", 1.0)])
    assert (counts[0], counts[10], counts[19], sum(counts)) == (2, 1, 1, 4)


def test_missing_cells_are_minus_one_and_never_a_made_up_number(tmp_path: Path) -> None:
    data = page_rows([row("a")], [None], [Preview(missing="no recording")], BST, tmp_path / "p.html")
    for name in ("second", "secondP", "third", "thirdP", "sound", "words", "wSound", "wWords"):
        assert data[name] == [-1]
    assert data["link"] == [""]
    assert data["silent"] == ["no recording"]


def test_a_recording_plays_from_inside_and_an_undecodable_one_is_said(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.wav", tmp_path / "bad.wav"
    soundfile.write(good, np.sin(np.arange(16_000) / 6).astype(np.float32) / 2, 16_000)
    bad.write_text("not a sound")
    write_page([row("bad", 0.1), row("good", 0.9)], [bad, good], BST, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    (sound,) = re.findall(r'<script type="text/plain" id="sound-(\d+)">', text)
    assert sound == "1"
    assert "first 10 s of 1 file inside" in text
    assert "1 row has no player" in text
    assert "cannot be decoded" in text


@pytest.mark.parametrize("rows", [[], [Result(file_name="a", status="refused: empty file")]])
def test_a_collection_without_a_single_result_still_has_a_page(rows: list[Result], tmp_path: Path) -> None:
    text, parsed, data = written(rows, tmp_path)
    assert data["file"] == []
    assert not [tag for tag, _ in parsed.tags if tag == "figure"]
    assert ("b", f"{len(rows)}") in parsed.texts
    assert "median certainty" in text


def test_a_tree_of_one_level_has_a_page(tmp_path: Path) -> None:
    tree = from_pairs("flat", ["cow", "dog"])
    one = Result(file_name="a", top="cow", top_probability=1.0, class_="cow", class_probability=1.0)
    write_page([one], [None], tree, tmp_path / "page.html")
    assert '"twoLevels":false' in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_ten_thousand_rows_are_written_at_once_and_stay_small(tmp_path: Path) -> None:
    rows = [row(f"folder/{number:05}.wav", (number % 997) / 997, title=f"a title {number}") for number in range(10_000)]
    start = time.perf_counter()
    text, _, data = written(rows, tmp_path, preview_budget_bytes=0)
    assert time.perf_counter() - start < 8
    assert len(text) < 2_500_000
    assert len(data["file"]) == 10_000


def test_many_refused_files_are_counted_where_they_are_not_listed(tmp_path: Path) -> None:
    rows = [Result(file_name=f"{number}.wav", status="refused: empty file") for number in range(1200)]
    text, parsed, _ = written(rows, tmp_path)
    assert sum(tag == "code" for tag, _ in parsed.tags) == 1000 + 1
    assert "and 200 more" in text


def test_unequal_lengths_and_unknown_classes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AlignmentError, match="1 rows but 0 sounds"):
        write_page([row("a")], [], BST, tmp_path / "page.html")
    with pytest.raises(InputError, match="no class 'fx-z'"):
        write_page([row("a", label="fx-z")], [None], BST, tmp_path / "page.html")
