"""`heterophony augment`, and a training run on what it wrote."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Call = Callable[..., Any]


def test_copies_are_written_and_trained_on_and_never_predicted(heterophony: Call, corpus: Path, tmp_path: Path) -> None:
    made = heterophony("augment", corpus, "-o", tmp_path / "copies", "--operation", "additive-noise", "--rate", 16000)
    assert made.code == 0
    assert made.out == f"36 clips: 30 copies, 0 refused; wrote {tmp_path / 'copies' / 'copies.csv'}\n"
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(
        "name: mine\nmodalities: {sound: {encoder: 'yamnet:mean'}}\nmodel: {dim: 8, hidden: 8}\n"
        "fit: {epochs: 2, batch: 8}\nsplit: {folds: 3}\nextra: {copies: {copies: true}}\nrows: {complete: true}\n"
    )
    extra = f"copies={tmp_path / 'copies' / 'copies.csv'}"
    done = heterophony("train", recipe, "--data", corpus, "--extra", extra, "--out", tmp_path / "run", "--jobs", 1)
    assert done.code == 3, done.err  # six clips of the corpus have no sound
    for fold in range(3):
        with np.load(tmp_path / "run" / f"fold_{fold}" / "predictions_test.npz") as table:
            assert not any("~" in name for name in table["ids"])


def test_what_cannot_be_done_is_told(heterophony: Call, corpus: Path, tmp_path: Path) -> None:
    wrong = heterophony("augment", corpus, "-o", tmp_path, "--operation", "noise")
    assert wrong.code == 1
    assert "operations noise; wanted some of additive-noise, pitch-shift" in wrong.err
    lines = corpus.read_text().splitlines()
    (tmp_path / "one.csv").write_text("\n".join([lines[0], lines[1].replace("sounds/", f"{corpus.parent}/sounds/")]))
    alone = heterophony(
        "augment", tmp_path / "one.csv", "-o", tmp_path / "out", "--operation", "same-class-mix",
        "--operation", "additive-noise", "--mono", "--rate", 8000,
    )  # fmt: skip
    assert alone.code == 3
    assert "refused c0: c0: the only recording of the class low" in alone.err


@pytest.mark.parametrize("seeds", [(1, 1), (1, 2)])
def test_the_seed_decides(heterophony: Call, corpus: Path, tmp_path: Path, seeds: tuple[int, int]) -> None:
    for number, seed in enumerate(seeds):
        out = tmp_path / str(number)
        options = ("--operation", "additive-noise", "--mono", "--rate", 8000, "--seed", seed)
        assert heterophony("augment", corpus, "-o", out, *options).code == 0
    one, two = ((tmp_path / str(n) / "additive-noise-000000-0.wav").read_bytes() for n in range(2))
    assert (one == two) == (seeds[0] == seeds[1])
