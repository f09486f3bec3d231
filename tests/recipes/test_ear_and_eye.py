"""Videos whose class needs both ear and eye: what the maker promises of them, and what is learned from them."""

import csv
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from heterophony.media import Form, Item, Looks, Wanted, decode

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SEES = Looks((0.5,), 64, "crop")


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ear_and_eye_videos", TOOLS / "ear_and_eye_videos.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(maker: ModuleType, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("videos")
    maker.make(shared_data, out, {"train": 1, "test": 1}, 7)
    return out


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.shared_data
def test_classes_are_equally_many_and_parts_share_no_source(made: Path) -> None:
    rows = read(made / "manifest.csv")
    assert [row["fold"] for row in rows] == ["train"] * 4 + ["test"] * 4
    for part in (rows[:4], rows[4:]):
        labels = [row["label"] for row in part]
        assert {label: labels.count(label) for label in labels} == dict.fromkeys(
            ("noise and animal", "noise and food", "tones and animal", "tones and food"), 1
        )
    for source in ("sound", "picture"):
        train, test = ({row[source] for row in rows if row["fold"] == part} for part in ("train", "test"))
        assert (len(train), len(test), train & test) == (2, 2, set())


@pytest.mark.shared_data
def test_one_sense_alone_is_given_the_same_for_two_classes(made: Path, tmp_path: Path) -> None:
    """So half of the videos is the best that it can do."""
    rows = read(made / "manifest.csv")
    items = [Item(made / row["file_name"], None, None) for row in rows]
    decoded = decode(items, Wanted(sound=Form(32_000, 1), looks=SEES), tmp_path)
    assert decoded.reasons == ("",) * 8
    for source in ("sound", "picture"):
        for name in {row[source] for row in rows}:
            one, other = [at for at, row in enumerate(rows) if row[source] == name]
            assert rows[one]["label"] != rows[other]["label"]
            for second in range(4):
                if source == "sound":
                    heard = [decoded.waveform(at, second * 32_000, 32_000) for at in (one, other)]
                    assert np.sqrt(np.square(heard[0]).mean()) > 0.01
                    np.testing.assert_array_equal(*heard)
                else:
                    np.testing.assert_array_equal(decoded.frames(one, second), decoded.frames(other, second))


@pytest.mark.shared_data
def test_pictures_move(made: Path, tmp_path: Path) -> None:
    decoded = decode([Item(made / "videos" / "test000.mp4", None, None)], Wanted(sound=None, looks=SEES), tmp_path)
    first, last = (decoded.frames(0, second).astype(float) for second in (0, 3))
    assert np.abs(first - last).mean() > 2


@pytest.mark.shared_data
def test_the_row_is_the_test_videos_one_after_the_other(made: Path, tmp_path: Path) -> None:
    truth, rows = read(made / "row.csv"), read(made / "manifest.csv")[4:]
    assert [(row["start"], row["end"]) for row in truth] == [("0", "4"), ("4", "8"), ("8", "12"), ("12", "16")]
    assert sorted(row["label"] for row in truth) == sorted(row["label"] for row in rows)
    items = [Item(made / "row.mp4", None, None), *(Item(made / row["file_name"], None, None) for row in rows)]
    decoded = decode(items, Wanted(sound=None, looks=SEES), tmp_path)
    assert decoded.seconds(0) == 16
    for at, row in enumerate(truth):
        own = 1 + [other["label"] for other in rows].index(row["label"])
        off = np.abs(decoded.frames(0, 4 * at + 2).astype(float) - decoded.frames(own, 2)).mean()
        assert off < 8


@pytest.mark.shared_data
def test_the_same_seed_gives_the_same_bytes(maker: ModuleType, made: Path, shared_data: Path, tmp_path: Path) -> None:
    maker.make(shared_data, tmp_path, {"train": 1, "test": 1}, 7)
    for path in (path for path in made.rglob("*") if path.is_file()):
        assert (tmp_path / path.relative_to(made)).read_bytes() == path.read_bytes(), path.name


@pytest.mark.shared_data
def test_too_few_sources_are_refused(maker: ModuleType, shared_data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"101 sources of noise wanted; there are \d\d"):
        maker.make(shared_data, tmp_path, {"train": 100, "test": 1}, 7)


@pytest.mark.slow
@pytest.mark.shared_data
def test_both_senses_together_find_what_neither_finds_alone(shared_data: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- ear and eye -->\nold\n<!-- ear and eye -->\nafter\n", encoding="utf-8")
    command = [
        sys.executable,
        str(TOOLS / "ear_and_eye.py"),
        str(shared_data),
        str(tmp_path / "out"),
        "--page",
        str(page),
    ]
    subprocess.run(command, check=True, capture_output=True)
    result = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert result["sound"]["class"] <= 0.6
    assert result["pictures"]["class"] <= 0.6
    assert result["both"]["class"] > 0.95
    assert result["scenes"]["away"] > 0.95
    assert (result["scenes"]["seconds"], result["scenes"]["cuts"]) == (192, 47)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| both |" in text
    assert "old" not in text
