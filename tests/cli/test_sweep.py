"""`heterophony sweep` on real layouts that the test writes, and what it prints."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heterophony.cli.sweep import _tell
from heterophony.predictions import Predictions
from heterophony.report.sweep_table import SweepRow

Call = Callable[..., Any]


def table(out: Path) -> dict[str, dict[str, str]]:
    """`sweep.csv` by recipe."""
    with (out / "sweep.csv").open(encoding="utf-8") as file:
        return {row["recipe"]: row for row in csv.DictReader(file)}


def test_bsd10k_equalised_with_bsd35k_and_compared_with_its_baseline(
    heterophony: Call, bsd10k: Path, bsd35k: Path, tiny_bst: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    recipes = [tiny_bst / "median.yaml", tiny_bst / "base.yaml"]
    said = heterophony(
        "sweep", *recipes, "--data", bsd10k, "--extra", f"BSD35k-CS={bsd35k}", "--out", out, "--jobs", 1, "--no-store"
    )
    assert said.code == 0
    assert "difference to the baseline" in said.out
    assert said.out.count("leakage between the folds by group") == 2  # with and without the rows of BSD35k-CS
    rows = table(out)
    assert list(rows) == ["median", "base"]
    for name, row in rows.items():
        metrics = json.loads((out / name / "metrics.json").read_text())["mean_and_std"]["sound+words"]
        mean, spread = metrics["hierarchical_f1"]
        assert (float(row["ours"]), float(row["ours_std"])) == pytest.approx((100 * mean, 100 * spread), abs=1e-4)
        assert f"{100 * mean:.2f} ± {100 * spread:.2f}" in said.out
        assert row["clips"] == "44"
    assert rows["median"]["difference"]
    assert not rows["base"]["difference"]
    assert "| median | " in (out / "sweep.md").read_text()
    log = (out / "median" / "log.txt").read_text()
    assert "24 rows beside the collection: BSD35k-CS 24" in log
    assert "1 clips lack a modality and are left out: 993" in log


def test_esc50_and_fsd50k_enter_training_only(
    heterophony: Call, bsd10k: Path, external: dict[str, Path], tiny_bst: Path, tmp_path: Path
) -> None:
    """Without words, and with the leak; the vectors of the external rows are given, so that no encoder runs."""
    out, given = tmp_path / "out", []
    for name in ("ESC-50", "FSD50K"):
        given += ["--extra", f"{name}={external[name]}"]
        given += ["--features", f"sound@{name}={external[f'{name}_sound']}"]
        given += ["--features", f"words@{name}={external[f'{name}_words']}"]
    recipes = [tiny_bst / "external.yaml", tiny_bst / "leak.yaml"]
    said = heterophony("sweep", *recipes, "--data", bsd10k, *given, "--out", out, "--jobs", 1, "--no-store")
    assert said.code == 0
    hashes = set()
    for name in ("external", "leak"):
        assert "5 rows beside the collection: ESC-50 3, FSD50K 2" in (out / name / "log.txt").read_text()
        tests = [Predictions.load(out / name / f"fold_{k}" / "predictions_test.npz") for k in range(3)]
        validations = [Predictions.load(out / name / f"fold_{k}" / "predictions_val.npz") for k in range(3)]
        seen = {key for one in [*tests, *validations] for key in one.ids}
        assert len(seen) == 44
        assert max(map(int, seen)) <= 1000, "only sounds of BSD10k"
        hashes.add((out / name / "data.json").read_text())
    assert len(hashes) == 2


def test_what_cannot_be_run_ends_with_3_and_the_others_are_compared(
    heterophony: Call, bsd10k: Path, tiny_bst: Path, tmp_path: Path
) -> None:
    recipes = [tiny_bst / "median.yaml", tiny_bst / "base.yaml"]
    said = heterophony("sweep", *recipes, "--data", bsd10k, "--out", tmp_path, "--jobs", 1, "--no-store")
    assert said.code == 3
    assert "median.yaml: recipe median trains on BSD35k-CS as well; give --extra BSD35k-CS=FOLDER" in said.err
    assert list(table(tmp_path)) == ["base"]


def test_where_nothing_can_be_run_an_earlier_table_stays(
    heterophony: Call, bsd10k: Path, tiny_bst: Path, tmp_path: Path
) -> None:
    (tmp_path / "alone.yaml").write_text((tiny_bst / "median.yaml").read_text().replace("base.yaml", "''"))
    out = tmp_path / "new" / "out"
    arguments = ["sweep", tmp_path / "alone.yaml", "--data", bsd10k, "--out", out, "--jobs", 1, "--no-store"]
    said = heterophony(*arguments)
    assert said.code == 3
    assert "not run" in said.err
    assert not (out / "sweep.md").exists()
    out.mkdir(parents=True)
    (out / "sweep.md").write_text("an earlier table")
    assert heterophony(*arguments).code == 3
    assert (out / "sweep.md").read_text() == "an earlier table"


def test_clips_that_cannot_be_used_are_named(heterophony: Call, tmp_path: Path) -> None:
    rows = [f"{row},{'ab'[row % 2]}" for row in range(40)]
    (tmp_path / "clips.csv").write_text("\n".join(["id,label", *rows]) + "\n")
    table = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    table[7] = np.nan
    np.save(tmp_path / "x.npy", table)
    (tmp_path / "r.yaml").write_text(
        "name: r\nmodalities: {sound: {encoder: yamnet}}\nmodel: {dim: 16, hidden: 16}\n"
        "fit: {epochs: 1, batch: 8}\nsplit: {folds: 2}\n"
    )
    given = ["--features", f"sound={tmp_path / 'x.npy'}", "--out", tmp_path / "out", "--jobs", 1, "--no-store"]
    said = heterophony("sweep", tmp_path / "r.yaml", "--data", tmp_path / "clips.csv", *given)
    assert said.code == 3
    assert "refused 7: 7: no vector in" in said.err
    assert (tmp_path / "out" / "sweep.md").read_text().startswith("| recipe")


def test_several_seeds_and_groups(heterophony: Call, bsd10k: Path, tiny_bst: Path, tmp_path: Path) -> None:
    arguments = ["sweep", tiny_bst / "sound.yaml", "--data", bsd10k, "--out", tmp_path, "--jobs", 1, "--no-store"]
    said = heterophony(*arguments, "--seeds", 2, "--by-group", "--score", "accuracy")
    assert said.code == 0
    assert sorted(path.name for path in (tmp_path / "sound").iterdir()) == ["seed-1821", "seed-1822"]
    found = [json.loads((seed / "metrics.json").read_text()) for seed in (tmp_path / "sound").iterdir()]
    mean = sum(one["mean_and_std"]["sound"]["accuracy"][0] for one in found) / 2
    assert float(table(tmp_path)["sound"]["ours"]) == pytest.approx(100 * mean, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bst/table3/clas-weights"], "did you mean bst/table3/class-weights"),
        (["{base}", "--score", "acuracy"], "did you mean accuracy"),
        (["{base}", "--features", "sond=x.npy"], "did you mean sound"),
        (["{base}", "--features", "sound@X=x.npy"], "no --extra X=..."),
        (["{base}", "--extra", "X"], "--extra X: wanted NAME=VALUE"),
        (["{base}", "--label", "kind"], "a data set has its own columns"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_trained(
    heterophony: Call, bsd10k: Path, tiny_bst: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    filled = [one.format(base=tiny_bst / "base.yaml") for one in arguments]
    said = heterophony("sweep", *filled, "--data", bsd10k, "--out", tmp_path / "out", "--jobs", 1, "--no-store")
    assert said.code == 1
    assert message in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "out").exists()


def test_brackets_in_a_cell_are_printed_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _tell([SweepRow(name="mine[bold]", ours=(0.5, 0.1), note="given [x] by [/hand]")], tmp_path)
    said = capsys.readouterr().out
    assert "mine[bold]" in said
    assert "given [x] by [/hand]" in said
