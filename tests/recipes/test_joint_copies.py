"""Encoders trained jointly on copies of the collection, and on rows of other data sets."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from heterophony.clips import read_manifest
from heterophony.encoders import scratch
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.encoders.vggish import Vggish
from heterophony.errors import ConfigError, InputError
from heterophony.media import Form
from heterophony.models import Load
from heterophony.recipes import cross_validate
from heterophony.recipes.collection import Collection, Found, Sources, Work
from heterophony.recipes.copies import write_copies
from heterophony.recipes.copies_of_clip import CopySettings
from heterophony.recipes.copy_ids import parents_of
from heterophony.recipes.extra import with_extra
from heterophony.recipes.fold import Task
from heterophony.recipes.inputs import table
from heterophony.recipes.load import as_recipe
from heterophony.recipes.prepare import Prepared, prepare
from heterophony.recipes.samples import Samples
from heterophony.store import Store

RAW: dict[str, Any] = {
    "name": "joint",
    "modalities": {"sound": {"encoder": "vggish"}, "pictures": {"encoder": "vgg16-bigru"}},
    "model": {"name": "mlp", "hidden": [8], "norm": True},
    "augment": [],
    "split": {"kind": "grouped", "folds": 3},
    "joint": {"branches": {"sound": {"start": "scratch"}, "pictures": {"start": "scratch"}}},
    "fit": {"epochs": 1, "batch": 4},
    "extra": {"copies": {"copies": True}},
}
ROWS = 18
MADE = 2 * ROWS


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(scratch.SCRATCH, "vggish", partial(Vggish, (2, 2, 2, 2, 2, 4), (16, 16, 128)))
    monkeypatch.setitem(scratch.SCRATCH, "vgg16-bigru", partial(VggGru, 0, blocks=((1,), (1,), (1,), (1,), (4,))))


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighteen rows of two classes, row 0 without a picture; and a noisy and a mixed copy of each."""
    folder, draw = tmp_path_factory.mktemp("joint"), np.random.default_rng(0)
    lines = ["id,file_name,pictures_file_name,title,label,group"]
    for row in range(ROWS):
        soundfile.write(folder / f"{row}.wav", 0.1 * draw.normal(size=16_000 + 500 * row), 16_000)
        Image.fromarray(draw.integers(0, 255, (24, 32, 3), dtype=np.uint8)).save(folder / f"{row}.png")
        lines.append(f"r{row},{row}.wav,{f'{row}.png' if row else ''},sound {row},{'ab'[row % 2]},g{row}")
    (folder / "m.csv").write_text("\n".join(lines) + "\n")
    settings = CopySettings(operations=("additive-noise", "same-class-mix"), form=Form(16_000, 1))
    write_copies(read_manifest(folder / "m.csv"), settings, folder / "copies")
    return folder


@pytest.fixture
def ready_of(collection: Path, tmp_path: Path) -> Callable[..., Prepared]:
    def make(copies: Path = collection / "copies", more: dict[str, Collection] | None = None, **says: Any) -> Prepared:
        extras = {"copies": Collection(found=Found(tuple(read_manifest(copies / "copies.csv")))), **(more or {})}
        own = Sources.of(read_manifest(collection / "m.csv"), Work(store=Store(tmp_path)))
        return prepare(as_recipe({**RAW, **says}), replace(own, extras=extras))

    return make


def test_copies_are_numbered_after_the_clips_and_have_their_sound_and_the_clips_pictures(collection, ready_of) -> None:
    ready = ready_of()
    decoded = ready.task.joining.decoded
    assert len(ready.extra) == MADE == len(decoded) - ROWS
    assert ready.extra.vectors["sound"][:, 0].tolist() == list(range(ROWS, ROWS + MADE))
    own = dict(zip(ready.samples.ids, ready.samples.vectors["pictures"][:, 0].tolist(), strict=True))
    files = {clip.id: clip.path for clip in read_manifest(collection / "copies" / "copies.csv")}
    for row, key in enumerate(ready.extra.ids):
        clip, number = parents_of(key)[0], int(ready.extra.vectors["sound"][row, 0])
        wave, _ = soundfile.read(files[key], dtype="float32")
        np.testing.assert_allclose(decoded.waveform(number, 0, len(wave))[0], np.clip(wave, -1, 1), atol=1e-4)
        shown = int(ready.extra.vectors["pictures"][row, 0])
        assert shown == (-1 if clip == "r0" else number)
        if shown >= 0:
            np.testing.assert_array_equal(decoded.frames(shown, 0), decoded.frames(own[clip], 0))
            assert decoded.frames_at[shown] == decoded.frames_at[own[clip]], "kept once"


def test_each_fold_trains_on_the_copies_of_its_training_rows_alone(ready_of, monkeypatch) -> None:
    ready = ready_of()
    seen: list[tuple[Samples, Samples]] = []
    real = cross_validate.train_fold

    def spied(task: Task, train: Samples, validation: Samples, *rest: Any) -> Any:
        seen.append((train, validation))
        return real(task, train, validation, *rest)

    monkeypatch.setattr(cross_validate, "train_fold", spied)
    result, _ = cross_validate.run_fold(ready.task, ready.samples, ready.split, 1, ready.extra)
    ((train, validation),) = seen
    own, _, test = (ready.samples.take(rows) for rows in ready.split.parts(1))
    want = {key for key in ready.extra.ids if set(parents_of(key)) <= set(own.ids)}
    assert len(want) > len(own)
    assert set(train.ids) == set(own.ids) | want
    numbers = train.vectors["sound"][:, 0].tolist()
    assert len(set(numbers)) == len(numbers) == len(own) + len(want)
    assert not any("~" in key for key in (*validation.ids, *result.test["sound+pictures"].ids))
    assert set(result.test["sound+pictures"].ids) == set(test.ids)


def test_sounds_are_mixed_on_the_fly_with_rows_of_the_training_table_alone(ready_of) -> None:
    branches = {
        "sound": {"start": "scratch", "augment": [{"name": "same-class-mix"}]},
        "pictures": {"start": "scratch"},
    }
    ready = ready_of(joint={"branches": branches})
    own = ready.samples.take(ready.split.parts(0)[0])
    train = with_extra(ready.task.recipe, own, ready.extra)
    joining = ready.task.joining
    network = joining.network(torch.nn.Identity())
    (load,), _ = joining.augmentations(network, table(train, {}, 2), [], "float32")
    assert isinstance(load, Load)
    (mix,) = load.changes["sound"]
    partners = {number for some in mix.alike.values() for number in some}
    assert partners == set(train.vectors["sound"][:, 0].tolist())
    assert max(partners) >= ROWS


def test_the_digest_covers_what_the_copies_hold(collection, ready_of, tmp_path) -> None:
    before = ready_of().content
    assert ready_of().content == before
    other = tmp_path / "copies"
    settings = CopySettings(operations=("additive-noise", "same-class-mix"), form=Form(16_000, 1))
    write_copies(read_manifest(collection / "m.csv"), settings, other)
    assert ready_of(other).content == before, "the same bytes elsewhere"
    soundfile.write(next(other.glob("*.wav")), np.zeros(16_000), 16_000)
    assert ready_of(other).content != before


def test_segments_of_copies_train_where_their_clip_does(ready_of) -> None:
    cut = {"segments": {"seconds": 0.5, "count": 2, "train": "random"}}
    ready = ready_of(rows=cut)
    assert ready.samples.ids[:2] == ("r0#s0", "r0#s1")
    assert len(ready.extra) == 2 * MADE
    own = ready.samples.take(ready.split.parts(0)[0])
    clips = {key.partition("#")[0] for key in own.ids}
    added = set(with_extra(ready.task.recipe, own, ready.extra).ids) - set(own.ids)
    assert added == {key for key in ready.extra.ids if set(parents_of(key.partition("#")[0])) <= clips}
    assert 0 < len(added) < 2 * MADE


def test_rows_of_other_data_sets_are_decoded_too_and_their_words_are_made(collection, ready_of, tmp_path) -> None:
    soundfile.write(tmp_path / "x.wav", np.zeros(16_000), 16_000)
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    (tmp_path / "n.csv").write_text("id,file_name,title,label\nx,x.wav,rain,a\ny,broken.wav,wind,b\n")
    more = {"more": Collection(found=Found(tuple(read_manifest(tmp_path / "n.csv"))))}
    modalities = {**RAW["modalities"], "words": {"encoder": "minilm"}}
    ready = ready_of(more=more, modalities=modalities, extra={"more": {}, "copies": {"copies": True}})
    assert ready.extra.sources == ("more",) * 2 + ("copies",) * MADE
    assert ready.extra.vectors["sound"][:3, 0].tolist() == [ROWS, -1, ROWS + 2]
    assert ready.extra.vectors["pictures"][:2, 0].tolist() == [-1, -1]
    assert ready.extra.vectors["words"].shape == (MADE + 2, 384)
    assert ready.extra.present["words"].all()
    row = ready.extra.ids.index("r1~additive-noise~0")
    np.testing.assert_array_equal(ready.extra.vectors["words"][row], ready.samples.vectors["words"][1])


def test_what_cannot_be_trained_on_is_refused(collection, ready_of, tmp_path) -> None:
    words = {"more": Collection(found=Found(tuple(_listed(tmp_path, "id,title,label\nx,rain,a\n"))))}
    with pytest.raises(ConfigError, match="x: a row without a file"):
        ready_of(more=words, extra={"more": {}})
    with pytest.raises(ConfigError, match="trains on lacking as well; give --extra lacking=FOLDER"):
        ready_of(extra={"lacking": {}})
    plain = {"more": Collection(found=Found(tuple(_listed(tmp_path, "id,file_name,label\nx,x.wav,a\n"))))}
    with pytest.raises(InputError, match="--extra more: 1 of 1 rows are no copies"):
        ready_of(more=plain, extra={"more": {"copies": True}})


def _listed(folder: Path, text: str) -> Any:
    (folder / "list.csv").write_text(text)
    return read_manifest(folder / "list.csv")
