"""Augmented copies: what is written, the same bytes again, and that no copy trains where its clip does not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from heterophony.augment import WAVEFORM_AUGMENTATIONS
from heterophony.clips import Clip, clip_of, read_manifest
from heterophony.errors import ConfigError, InputError
from heterophony.media import Form
from heterophony.recipes.collection import Collection, Found, Sources, Work
from heterophony.recipes.copies import write_copies
from heterophony.recipes.copies_of_clip import CopySettings
from heterophony.recipes.copy_ids import parents_of
from heterophony.recipes.extra import with_extra
from heterophony.recipes.leakage import find_leaks
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.prepare import prepare
from heterophony.recipes.rows import one_segment_each
from heterophony.recipes.spec import Recipe
from heterophony.store import Store

RATE_HZ = 16_000
SETTINGS = CopySettings(form=Form(RATE_HZ, 2))
GROUPED = {"kind": "grouped", "folds": 3}


@pytest.fixture(scope="module")
def clips(corpus: Path) -> list[Clip]:
    """Six recordings of each of three classes, two of them with a group."""
    found = [clip for clip in read_manifest(corpus) if clip.path is not None][:18]
    return [replace(clip, group="both" if row < 2 else None) for row, clip in enumerate(found)]


@pytest.fixture(scope="module")
def written(clips: list[Clip], tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("librosa")
    return write_copies(clips, SETTINGS, tmp_path_factory.mktemp("copies")).manifest


def test_each_operation_makes_one_copy_of_each_with_its_label_words_and_group(clips: list[Clip], written: Path) -> None:
    copies = read_manifest(written)
    assert len(copies) == 18 * len(WAVEFORM_AUGMENTATIONS)
    known = {clip.id: clip for clip in clips}
    for copy in copies:
        first, *others = parents_of(copy.id)
        assert copy.label == known[first].label
        assert copy.title == (known[first].title or "")
        assert copy.group == (known[first].group or first)
        assert [known[other].label for other in others] == [copy.label] * ("same-class-mix" in copy.id)
        assert first not in others
        samples, rate_hz = soundfile.read(copy.path, dtype="float32")
        assert rate_hz == RATE_HZ
        assert samples.shape == (RATE_HZ, 2)


def test_a_copy_is_what_the_operation_makes_of_the_recording(clips: list[Clip], written: Path) -> None:
    copies = {copy.id: copy for copy in read_manifest(written)}
    for clip in clips[:3]:
        own, _ = soundfile.read(clip.path, dtype="float32")
        noisy, _ = soundfile.read(copies[f"{clip.id}~additive-noise~0"].path, dtype="float32")
        assert np.std(noisy[:, 0] - own) == pytest.approx(0.01, rel=0.05)
        (mix,) = [copy for copy in copies.values() if copy.id.startswith(f"{clip.id}~same-class-mix")]
        other, _ = soundfile.read(next(one for one in clips if one.id == parents_of(mix.id)[1]).path, dtype="float32")
        mixed, _ = soundfile.read(mix.path, dtype="float32")
        shares, rest, *_ = np.linalg.lstsq(np.stack([own, other], axis=1), mixed[:, 0], rcond=None)
        assert np.all((shares >= 0.5) & (shares <= 1))
        assert rest < 1e-6


def test_the_same_seed_gives_the_same_bytes_and_a_copy_does_not_depend_on_the_others(
    clips: list[Clip], written: Path, tmp_path: Path
) -> None:
    again = write_copies(clips, SETTINGS, tmp_path / "again").manifest
    for path in sorted(written.parent.iterdir()):
        assert path.read_bytes() == (again.parent / path.name).read_bytes(), path.name
    settings = replace(SETTINGS, operations=("additive-noise",), copies=2)
    few = read_manifest(write_copies(clips[3:5], settings, tmp_path / "few").manifest)
    all_of_them = {copy.id: copy for copy in read_manifest(written)}
    assert [copy.id[-1] for copy in few] == ["0", "1"] * 2
    for copy in few[::2]:
        assert copy.path.read_bytes() == all_of_them[copy.id].path.read_bytes()
        assert copy.path.read_bytes() != few[1].path.read_bytes()
    other = write_copies(clips[3:4], replace(settings, seed=2), tmp_path / "other").manifest
    assert read_manifest(other)[0].path.read_bytes() != few[0].path.read_bytes()


def test_what_cannot_be_read_or_mixed_is_told_and_the_others_are_made(clips: list[Clip], tmp_path: Path) -> None:
    broken = replace(clips[0], id="broken", path=tmp_path / "none.wav")
    alone = replace(clips[1], id="alone", label="of its own")
    settings = replace(SETTINGS, operations=("same-class-mix", "additive-noise"))
    done = write_copies([broken, alone], settings, tmp_path / "copies")
    assert done.written == 1
    (missing, reason), (single, why) = done.refused
    assert (missing, single) == ("broken", "alone")
    assert "none.wav" in reason
    assert "the only recording of the class of its own" in why
    with pytest.raises(InputError, match=r"no copy of 1 recordings could be made; .*none\.wav"):
        write_copies([broken], settings, tmp_path / "nothing")


def test_what_makes_no_sense_is_refused(clips: list[Clip], written: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="copies are there already"):
        write_copies(clips, SETTINGS, written.parent)
    with pytest.raises(InputError, match=f"{clips[0].id}: is a segment; give whole clips"):
        write_copies([replace(clips[0], stretch=(0.0, 1.0))], SETTINGS, tmp_path / "cut")
    with pytest.raises(ConfigError, match=f"1 clips have no label: {clips[0].id}"):
        write_copies([replace(clips[0], label=None)], SETTINGS, tmp_path / "bare")
    for operations in ((), ("noise",), ("pitch-shift", "pitch-shift")):
        with pytest.raises(ConfigError, match="wanted some of additive-noise, pitch-shift"):
            CopySettings(operations=operations)
    with pytest.raises(ConfigError, match="copies must be at least 1"):
        CopySettings(copies=0)


def test_a_copy_names_the_pictures_of_its_clip_and_a_recording_without_any_leaves_the_cell_empty(
    clips: list[Clip], tmp_path: Path
) -> None:
    film(tmp_path / "data" / "film.mkv")
    Image.new("RGB", (16, 16)).save(tmp_path / "data" / "still.png")
    own = [
        replace(clips[0], pictures_path=tmp_path / "data" / "still.png"),
        clips[1],
        replace(clips[2], path=tmp_path / "data" / "film.mkv"),
    ]
    settings = replace(SETTINGS, operations=("additive-noise",))
    plain = write_copies(clips[:3], settings, tmp_path / "plain").manifest
    assert plain.read_text().splitlines()[0] == "id,file_name,title,tags,description,label,label_top,group,confidence"
    (tmp_path / "real").mkdir()
    (tmp_path / "copies").symlink_to(tmp_path / "real", target_is_directory=True)
    manifest = write_copies(own, settings, tmp_path / "copies").manifest
    lines = manifest.read_text().splitlines()
    assert [line.rpartition(",")[2] for line in lines] == [
        "pictures_file_name", "../data/still.png", "", "../data/film.mkv"
    ]  # fmt: skip
    assert lines[2] == plain.read_text().splitlines()[2] + ","
    still, none, moving = read_manifest(manifest)
    assert none.pictures_path is None
    assert still.pictures_path.samefile(own[0].pictures_path)
    assert moving.pictures_path.samefile(own[2].path)


def film(path: Path) -> None:
    """A second of pictures and of sound."""
    path.parent.mkdir()
    with av.open(path, "w") as container:
        seen = container.add_stream("mpeg4", rate=10)
        seen.width = seen.height = 16
        heard = container.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.ones((1, RATE_HZ), dtype=np.int16), layout="mono")
        sound.sample_rate = RATE_HZ
        container.mux(heard.encode(sound))
        for _ in range(10):
            container.mux(seen.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8))))
        for stream in (seen, heard):
            container.mux(stream.encode())


@pytest.fixture
def beside(clips: list[Clip], written: Path, store_folder: Path) -> Callable[..., Sources]:
    def make(own: list[Clip] = clips) -> Sources:
        extras = {"copies": Collection(found=Found(tuple(read_manifest(written))))}
        return replace(Sources.of(own, Work(store=Store(store_folder))), extras=extras)

    return make


def recipe(path: Path, **more: Any) -> Recipe:
    said = load_recipe(str(path)).model_dump(mode="json") | {"priors": {}, "split": {"folds": 3}}
    return as_recipe(said | {"modalities": {"sound": {"encoder": "yamnet:mean"}}, "extra": {"copies": more}})


def test_a_copy_trains_only_where_all_that_it_was_made_of_trains(
    tiny_recipe: Path, clips: list[Clip], beside: Callable[..., Sources]
) -> None:
    made = recipe(tiny_recipe, copies=True)
    ready = prepare(made, beside())
    assert ready.extra is not None
    assert len(ready.extra) == 72
    for fold in range(3):
        train, _, _ = ready.split.parts(fold)
        rows = ready.samples.take(train)
        own = set(rows.ids)
        copies = set(with_extra(made, rows, ready.extra).ids) - own
        assert copies == {name for name in ready.extra.ids if own.issuperset(parents_of(name))}
        assert sum("pitch-shift" in name for name in copies) == len(own)
        assert 0 < sum("same-class-mix" in name for name in copies) < len(own)
    everything = with_extra(made, ready.samples, ready.extra)
    assert len(everything) == 18 + 72


def test_segments_of_copies_train_where_their_clips_do_one_of_each(
    tiny_recipe: Path, beside: Callable[..., Sources]
) -> None:
    made = recipe(tiny_recipe, copies=True)
    cut = made.model_dump(mode="json") | {"rows": {"segments": {"seconds": 0.5, "count": 2}}, "split": GROUPED}
    made = as_recipe(cut)
    ready = prepare(made, beside())
    assert ready.extra is not None
    assert len(ready.extra) == 2 * 72
    for fold in range(3):
        rows = one_segment_each(made, ready.samples.take(ready.split.parts(fold)[0]), fold)
        own = {clip_of(name) for name in rows.ids}
        copies = with_extra(made, rows, one_segment_each(made, ready.extra, fold)).ids[len(rows) :]
        assert {clip_of(name) for name in copies} == {
            name for name in map(clip_of, ready.extra.ids) if own.issuperset(parents_of(name))
        }
        assert len({clip_of(name) for name in copies}) == len(copies) > len(rows)


def test_copies_are_no_leak(tiny_recipe: Path, clips: list[Clip], beside: Callable[..., Sources]) -> None:
    made = recipe(tiny_recipe, copies=True).model_dump(mode="json") | {"split": GROUPED | {"folds": 6}}
    leaks = find_leaks(prepare(as_recipe(made), beside([replace(one, group=one.group or one.id) for one in clips])))
    assert list(leaks.checks) == ["source", "group", "sound"]
    assert [int(twins.doubtful.sum()) for twins in leaks.checks.values()][:2] == [0, 0]
    assert len(leaks.ids) == 18


def test_copies_of_other_clips_and_rows_that_are_no_copies_are_refused(
    tiny_recipe: Path, clips: list[Clip], beside: Callable[..., Sources]
) -> None:
    with pytest.raises(InputError, match=r"--extra copies: \d+ of 72 rows are no copies of clips of the collection"):
        prepare(recipe(tiny_recipe, copies=True), beside(clips[:9]))
