"""`heterophony scenes`, end to end: a model trained on a small copy of scenes finds them again in one video."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

Call = Callable[..., Any]
SCENES = {"airport": (300, (200, 60, 40)), "bus": (900, (40, 200, 60)), "park": (2700, (60, 40, 200))}
SMALL = "model: {dim: 16, hidden: 32, dropout: 0.0}\naugment: []\nfit: {epochs: 30, batch: 8, lr: 1.0e-2}\n"


@pytest.fixture(scope="module")
def model(tau_copy: Path, tmp_path_factory: pytest.TempPathFactory, store_folder: Path) -> Path:
    """A small network on the copy, whose scenes are a pitch and a colour each."""
    from heterophony.clips import read_collection
    from heterophony.recipes.collection import Work, read_sources
    from heterophony.recipes.load import load_recipe
    from heterophony.recipes.train import train
    from heterophony.store import Store

    out = tmp_path_factory.mktemp("scenes")
    (out / "r.yaml").write_text(f"name: small\nextends: tau/clips\n{SMALL}")
    sources = read_sources(read_collection(tau_copy), tau_copy, {}, {}, Work(store=Store(store_folder)))
    train(load_recipe(str(out / "r.yaml")), sources, out / "run")
    return out / "run"


def sound_of(order: list[str], seconds: int) -> Any:
    rng = np.random.default_rng(5)
    at = np.arange(seconds * 16_000) / 16_000
    tones = [0.17 * np.sin(2 * np.pi * SCENES[name][0] * at) for name in order]
    samples = np.concatenate(tones)
    return samples + rng.normal(0, 0.007, len(samples))


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds each of an airport, a bus and a park."""
    path, rng = tmp_path_factory.mktemp("video") / "a day.mkv", np.random.default_rng(6)
    with av.open(str(path), "w") as container:
        seen = container.add_stream("mpeg4", rate=10)
        seen.width, seen.height, seen.pix_fmt = 64, 64, "yuv420p"
        seen.codec_context.thread_count = 1
        heard = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for name in SCENES:
            for _ in range(50):
                picture = np.clip(rng.normal(SCENES[name][1], 12, (64, 64, 3)), 0, 255).astype(np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p", threads=1)
                container.mux(seen.encode(frame))
        container.mux(seen.encode(None))
        samples = (sound_of(list(SCENES), 5)[None] * 2**15).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 16_000, 0
        container.mux(heard.encode(frame))
        container.mux(heard.encode(None))
    return path


@pytest.fixture
def scenes(heterophony: Call, model: Path) -> Call:
    return lambda *arguments: heterophony("scenes", *arguments, "--model", model)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_scenes_of_a_video_are_found(scenes: Call, video: Path, tmp_path: Path) -> None:
    said = scenes(video, "-o", tmp_path / "t.csv", "--context", 1, "--smooth", 2, "--shortest", 2)
    assert said.code == 0
    rows = rows_of(tmp_path / "t.csv")
    assert [row["label"] for row in rows] == list(SCENES)
    assert [float(row["start"]) for row in rows] == pytest.approx([0, 5, 10], abs=1)
    assert float(rows[-1]["end"]) == pytest.approx(15, abs=0.1)
    assert {row["modalities"] for row in rows} == {"sound+pictures"}
    assert "1 files: 1 ok, 0 partial, 0 refused; wrote" in said.out
    assert "airport" in said.out
    assert "sound and pictures" in said.out


def test_a_sound_alone_will_do(scenes: Call, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", sound_of(["park", "airport"], 6), 16_000)
    assert scenes(tmp_path / "a.flac", "-o", tmp_path / "t.json", "--smooth", 3, "--context", 2).code == 0
    said = json.loads((tmp_path / "t.json").read_text())
    assert [one["label"] for one in said["segments"]] == ["park", "airport"]
    assert said["segments"][1]["start"] == pytest.approx(6, abs=1)
    assert (said["every"], said["context"], said["smooth"], said["shortest"]) == (1.0, 2.0, 3.0, 0.0)
    assert len(said["steps"]) == 12


def test_several_go_beside_themselves_or_into_a_folder(scenes: Call, video: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", sound_of(["park"], 3), 16_000)
    soundfile.write(tmp_path / "b.wav", sound_of(["bus"], 3), 16_000)
    (tmp_path / "letter.mp4").write_text("Dear sir")
    said = scenes(tmp_path, "--format", "vtt")
    assert said.code == 3
    assert "3 files: 2 ok, 0 partial, 1 refused" in said.out
    assert "letter.mp4: cannot be decoded" in said.out
    assert (tmp_path / "a.scenes.vtt").read_text().startswith("WEBVTT\n\n00:00:00.000 --> 00:00:03.000\npark ")
    (tmp_path / "out").mkdir()
    assert scenes(tmp_path / "a.wav", tmp_path / "b.wav", "-o", tmp_path / "out").code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.scenes.csv", "b.scenes.csv"]
    assert rows_of(tmp_path / "out" / "b.scenes.csv")[0]["label"] == "bus"


def test_what_has_no_place_to_go_is_refused_before_the_work(scenes: Call, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", sound_of(["park"], 1), 16_000)
    soundfile.write(tmp_path / "a.flac", sound_of(["park"], 1), 16_000)
    for arguments, reason in (
        (["-o", tmp_path / "t.csv"], "2 recordings want a folder that is there"),
        ([], "a.scenes.csv: would be the track of"),
    ):
        said = scenes(tmp_path / "a.wav", tmp_path / "a.flac", *arguments)
        assert (said.code, reason in said.err) == (1, True)
    for output, reason in (("t.srt", "tracks cannot be written as '.srt'"), ("no/t.csv", "there is no folder")):
        said = scenes(tmp_path / "a.wav", "-o", tmp_path / output)
        assert (said.code, reason in said.err) == (1, True)
    said = scenes(tmp_path / "a.wav", "--every", 0)
    assert (said.code, "--every 0: wanted seconds, at least 0.05" in said.err) == (1, True)


def test_the_model_of_the_package_works_by_ear(heterophony: Call, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", sound_of(["bus"], 2), 16_000)
    assert heterophony("scenes", tmp_path / "a.wav", "-o", tmp_path / "t.csv").code == 0
    (row, *_) = rows_of(tmp_path / "t.csv")
    assert (row["start"], row["modalities"]) == ("0.000", "sound")
