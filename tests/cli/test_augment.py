"""`heterophony augment`, and a training run on what it wrote."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from heterophony.encoders import scratch
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.encoders.vggish import Vggish

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


def test_encoders_are_trained_jointly_on_copies_with_the_pictures_of_their_clips(
    heterophony: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(scratch.SCRATCH, "vggish", partial(Vggish, (2, 2, 2, 2, 2, 4), (16, 16, 128)))
    monkeypatch.setitem(scratch.SCRATCH, "vgg16-bigru", partial(VggGru, 0, blocks=((1,), (1,), (1,), (1,), (4,))))
    draw, lines = np.random.default_rng(0), ["id,file_name,pictures_file_name,label,group"]
    for row in range(15):
        soundfile.write(tmp_path / f"{row}.wav", 0.1 * draw.normal(size=16_000), 16_000)
        Image.fromarray(draw.integers(0, 255, (24, 32, 3), dtype=np.uint8)).save(tmp_path / f"{row}.png")
        lines.append(f"r{row},{row}.wav,{row}.png,{'ab'[row % 2]},g{row}")
    data, recipe, copies = tmp_path / "m.csv", tmp_path / "mine.yaml", tmp_path / "copies"
    data.write_text("\n".join(lines))
    made = heterophony("augment", data, "-o", copies, "--operation", "additive-noise", "--rate", 16000, "--mono")
    assert made.out == f"15 clips: 15 copies, 0 refused; wrote {copies / 'copies.csv'}\n"
    recipe.write_text(
        "name: mine\nmodalities: {sound: {encoder: vggish}, pictures: {encoder: vgg16-bigru}}\n"
        "model: {name: mlp, hidden: [8]}\naugment: []\nfit: {epochs: 1, batch: 8}\n"
        "joint: {branches: {sound: {start: scratch}, pictures: {start: scratch}}}\n"
        "split: {kind: grouped, folds: 3}\nextra: {copies: {copies: true}}\n"
    )
    out, extra = tmp_path / "run", f"copies={copies / 'copies.csv'}"
    done = heterophony("train", recipe, "--data", data, "--extra", extra, "--out", out, "--fold", 1)
    assert done.code == 0, done.err
    assert "15 rows beside the collection: copies 15" in (out / "log.txt").read_text()
    assert json.loads((out / "leakage.json").read_text())["checks"]["group"]["doubtful"] == 0
    with np.load(out / "fold_1" / "predictions_test.npz") as table:
        assert len(table["ids"]) == 5
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
