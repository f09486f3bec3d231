"""Tracks of made-up videos by a model with random weights: what they say is what `classify` says of their clips."""

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction

import av
import numpy as np
import pytest

from heterophony.clips import Clip
from heterophony.errors import ConfigError, InputError, MediaError
from heterophony.recipes import scene_pictures, scene_sound, scene_steps, scene_stream, scene_windows, scenes
from heterophony.recipes.build import build_model
from heterophony.recipes.classify import classify
from heterophony.recipes.load import as_recipe
from heterophony.recipes.model_folder import load_model, save_model
from heterophony.recipes.scene_journal import Journal
from heterophony.recipes.scenes import SceneSettings, context_of
from heterophony.recipes.trained import Temperature, Trained
from heterophony.taxonomy import TAU
from heterophony.training import seeded

ENCODERS = {"sound": "yamnet", "pictures": "efficientnet-lite0", "words": "minilm"}
DIMS = {"sound": 1024, "pictures": 1280, "words": 384}
HZ = 16_000


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of a model of these modalities."""
    made = {}

    def make(*modalities, seed=3, **more):
        key = (*modalities, seed, *more)
        if key not in made:
            recipe = as_recipe(
                {
                    "name": "random",
                    "taxonomy": "tau",
                    "modalities": {name: {"encoder": ENCODERS[name]} for name in modalities},
                    "model": {"dim": 16, "hidden": 16},
                    **more,
                }
            )
            dims = {name: DIMS[name] for name in modalities}
            with seeded(seed):
                member = build_model(recipe, dims, TAU)
            warm = {"+".join(some): Temperature(value=0.5, samples=9) for some in scene_subsets(modalities)}
            trained = Trained(recipe=recipe, taxonomy=TAU, dims=dims, members=[member], priors={}, temperatures=warm)
            made[key] = tmp_path_factory.mktemp("models") / "model"
            save_model(trained, made[key], "# Random\n")
        return made[key]

    return make


def scene_subsets(modalities):
    from heterophony.recipes.trained import subsets

    return list(subsets(modalities))


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """A Matroska file with noise from `sound[0]` to `sound[1]` seconds, colours from `pictures[0]` to `pictures[1]`."""
    folder = tmp_path_factory.mktemp("videos")

    def make(name, sound=None, pictures=None):
        path = folder / name
        if path.exists():
            return path
        rng = np.random.default_rng(1)
        with av.open(str(path), "w") as container:
            seen = container.add_stream("libx264", rate=10, options={"g": "20"}) if pictures else None
            heard = container.add_stream("pcm_s16le", rate=HZ, layout="mono") if sound else None
            if pictures:
                seen.width, seen.height, seen.pix_fmt = 64, 64, "yuv420p"
                seen.codec_context.thread_count = 1
                for number in range(round(10 * pictures[0]), round(10 * pictures[1])):
                    picture = np.full((64, 64, 3), (200 * (number // 40 % 2), 2 * number % 255, 90), np.uint8)
                    picture[number % 40 : number % 40 + 20] = rng.integers(0, 255, (20, 64, 3))
                    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p", threads=1)
                    frame.pts, frame.time_base = number, Fraction(1, 10)
                    container.mux(seen.encode(frame))
                container.mux(seen.encode(None))
            if sound:
                samples = rng.normal(0, 3000, round(HZ * sound[1]))
                samples *= 1 + np.sin(np.arange(len(samples)) / 9000)
                for start in range(round(HZ * sound[0]), len(samples), 1600):
                    part = samples[None, start : start + 1600].astype(np.int16)
                    frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
                    frame.sample_rate, frame.pts, frame.time_base = HZ, start, Fraction(1, HZ)
                    container.mux(heard.encode(frame))
                container.mux(heard.encode(None))
        return path

    return make


@pytest.fixture
def minutes(monkeypatch):
    """Makes minutes of so many seconds."""

    def make(seconds):
        for module in (scene_pictures, scene_sound, scene_steps, scene_stream, scene_windows, scenes):
            monkeypatch.setattr(module, "MINUTE_S", seconds)

    return make


@pytest.fixture
def both(video):
    return video("both.mkv", (0, 13.4), (0, 13.4))


def run(path, folder, output, restart=False, progress=None, **settings):
    track, problems = scenes.scenes(
        path,
        load_model(str(folder)),
        str(folder),
        output,
        SceneSettings(**settings),
        restart=restart,
        progress=progress,
    )
    assert problems == ""
    assert not output.with_name(output.name + ".part").exists()
    return track


def test_a_step_that_sees_everything_says_what_classify_says(both, model, tmp_path):
    folder = model("sound", "pictures")
    track = run(both, folder, tmp_path / "a.csv", every=100, context=1000)
    (row,) = classify([Clip(id="a", path=both)], load_model(str(folder)))
    (only,) = track.segments
    assert (only.label, only.start, only.end) == (row.class_, 0.0, pytest.approx(13.4, abs=0.05))
    assert only.probability == pytest.approx(row.class_probability, abs=1e-6)
    assert only.modalities == ("sound", "pictures")


def test_a_step_is_a_clip_of_its_context(both, model, tmp_path):
    """Where windows of the track and of the clip are the same: sound of whole multiples of the hop."""
    folder = model("sound")
    track = run(both, folder, tmp_path / "a.csv", every=0.96, context=0.975 + 4 * 0.48)
    steps, trained = track.steps, load_model(str(folder))
    for step in (2, 5, 9):
        start = 0.96 * (step + 0.5) - (0.975 + 4 * 0.48) / 2
        first = np.ceil((start - 1e-3) / 0.48) * 0.48
        inside = int((start + 0.975 + 4 * 0.48 + 1e-3 - first - 0.975) / 0.48) + 1
        clip = Clip(id="a", path=both, stretch=(first, first + 0.975 + 0.48 * (inside - 1)))
        (row,) = classify([clip], trained)
        assert steps.probabilities[step].max() == pytest.approx(row.class_probability, abs=1e-5)


@pytest.mark.parametrize("seconds", [3, 4, 7])
def test_minutes_of_any_length_say_the_same(both, model, tmp_path, minutes, seconds):
    folder = model("sound", "pictures")
    whole = run(both, folder, tmp_path / "a.csv", context=4)
    minutes(seconds)
    parts = run(both, folder, tmp_path / "b.csv", context=4)
    np.testing.assert_allclose(parts.steps.probabilities, whole.steps.probabilities, atol=1e-5)
    assert np.array_equal(parts.steps.edges, whole.steps.edges)
    assert np.array_equal(parts.steps.present, whole.steps.present)


@pytest.mark.parametrize(
    ("sound", "pictures", "expected"),
    [
        (None, (0, 6), ["pictures"] * 6),
        ((0, 6), None, ["sound"] * 6),
        ((0, 3), (0, 6), ["sound+pictures"] * 3 + ["pictures"] * 3),
        ((0, 6), (0, 3), ["sound+pictures"] * 3 + ["sound"] * 3),
        ((2, 6), (0, 4), ["pictures"] * 2 + ["sound+pictures"] * 2 + ["sound"] * 2),
        ((1, 3), (5, 7), ["sound"] * 2 + [""] * 2 + ["pictures"] * 2),
        ((5, 9), (0, 3), ["pictures"] * 3 + [""] * 2 + ["sound"] * 4),
    ],
)
@pytest.mark.parametrize("context", [0.5, 8.0])
def test_what_is_missing_is_told_step_by_step(video, model, tmp_path, minutes, sound, pictures, expected, context):
    minutes(4)
    path = video(f"{sound}-{pictures}.mkv".replace(" ", ""), sound, pictures)
    track = run(path, model("sound", "pictures"), tmp_path / "a.json", context=context)
    said = json.loads((tmp_path / "a.json").read_text())
    assert ["+".join(step["modalities"]) for step in said["steps"]] == expected
    assert [step["probabilities"] is None for step in said["steps"]] == [not one for one in expected]
    covered = {int(second) for one in track.segments for second in np.arange(one.start, one.end)}
    assert covered == {second for second, there in enumerate(expected) if there}, "never invented"


def test_the_last_step_ends_with_the_recording(video, model, tmp_path):
    folder = model("sound")
    for seconds, count in ((5.4, 5), (5.6, 6), (0.3, 1), (1.4, 1)):
        steps = run(video(f"{seconds}.mkv", (0, seconds)), folder, tmp_path / "a.csv", every=1).steps
        assert (len(steps.probabilities), steps.edges[-1]) == (count, pytest.approx(seconds))
        assert not np.isnan(steps.probabilities).any()
    steps = run(video("5.6.mkv", (0, 5.6)), folder, tmp_path / "a.csv", every=0.4).steps
    assert steps.edges == pytest.approx(0.4 * np.arange(15))


def stop_after(monkeypatch, chunks):
    """As if the process were killed when so many chunks are on the disk."""
    real, kept = Journal.add, []

    def add(journal, chunk):
        if len(kept) == chunks:
            raise KeyboardInterrupt
        real(journal, chunk)
        kept.append(chunk.number)

    monkeypatch.setattr(Journal, "add", add)


@pytest.mark.parametrize(
    ("name", "sound", "done"),
    [
        ("a.csv", (0, 13.4), 0),
        ("a.json", (0, 13.4), 1),
        ("a.vtt", (0, 13.4), 3),
        ("a.json", (5, 9), 1),
        ("a.csv", (5, 9), 3),
    ],
)
def test_a_killed_run_goes_on_to_the_same_bytes(video, model, tmp_path, minutes, monkeypatch, name, sound, done):
    minutes(4)
    path, folder = video(f"{sound}-both.mkv".replace(" ", ""), sound, (0, 13.4)), model("sound", "pictures")
    settings = {"every": 0.5, "context": 3, "smooth": 2, "shortest": 1}
    (tmp_path / "whole").mkdir()
    run(path, folder, tmp_path / "whole" / name, **settings)
    with monkeypatch.context() as patch:
        stop_after(patch, done)
        with pytest.raises(KeyboardInterrupt):
            run(path, folder, tmp_path / name, **settings)
    journal = tmp_path / f"{name}.part"
    assert journal.read_bytes().count(b"\n") == 1 + done
    journal.write_bytes(journal.read_bytes() + b'{"number": 7, "sa')  # it was being written
    seen, told = [], []
    real = scene_steps.Watch.chunks
    monkeypatch.setattr(scene_steps.Watch, "chunks", lambda watch, first=0: seen.append(first) or real(watch, first))
    run(path, folder, tmp_path / name, progress=lambda *both: told.append(both), **settings)
    assert seen == [done]
    assert (tmp_path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert told[-1] == (13, 13)


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_all_that_is_finished_is_only_written(both, model, tmp_path, minutes, monkeypatch):
    minutes(4)
    folder = model("sound", "pictures")
    run(both, folder, tmp_path / "whole.csv")
    with monkeypatch.context() as patch:
        patch.setattr(scenes, "write_track", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(both, folder, tmp_path / "a.csv")
    monkeypatch.setattr(scene_steps.Watch, "chunks", None)
    run(both, folder, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_journal_of_something_else_is_refused(both, video, model, tmp_path, minutes, monkeypatch):
    minutes(4)
    folder = model("sound", "pictures")
    with monkeypatch.context() as patch:
        stop_after(patch, 1)
        with pytest.raises(KeyboardInterrupt):
            run(both, folder, tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"a\.csv\.part: begun with another model; .* --restart"):
        run(both, model("sound", "pictures", seed=4), tmp_path / "a.csv")
    with pytest.raises(InputError, match="begun with another steps"):
        run(both, folder, tmp_path / "a.csv", context=3)
    with pytest.raises(InputError, match="begun with another file"):
        run(video("other.mkv", (0, 5)), folder, tmp_path / "a.csv")
    before = (tmp_path / "a.csv.part").read_bytes()
    assert before, "a refusal leaves it as it is"
    run(both, folder, tmp_path / "a.csv", context=3, restart=True)
    run(both, folder, tmp_path / "b.csv", context=3)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    (tmp_path / "a.csv.part").write_bytes(b"Dear sir\n")
    with pytest.raises(InputError, match="not what this program writes"):
        run(both, folder, tmp_path / "a.csv")


def test_smoothing_and_merging_may_change_in_the_middle(both, model, tmp_path, minutes, monkeypatch):
    minutes(4)
    folder = model("sound", "pictures")
    with monkeypatch.context() as patch:
        stop_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            run(both, folder, tmp_path / "a.json")
    run(both, folder, tmp_path / "a.json", smooth=3)
    run(both, folder, tmp_path / "b.json", smooth=3)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_what_the_model_cannot_use_is_refused(video, model, tmp_path):
    with pytest.raises(ConfigError, match="a track needs a model that hears or sees; this one only reads words"):
        run(video("5.6.mkv", (0, 5.6)), model("words"), tmp_path / "a.csv")
    with pytest.raises(MediaError, match=r"5\.6\.mkv: no pictures in it, and random knows nothing else"):
        run(video("5.6.mkv", (0, 5.6)), model("pictures"), tmp_path / "a.csv")
    (tmp_path / "letter.mp4").write_text("Dear sir")
    with pytest.raises(MediaError, match=r"letter\.mp4: cannot be decoded"):
        run(tmp_path / "letter.mp4", model("pictures"), tmp_path / "a.csv")
    assert not list(tmp_path.glob("*.part"))


def test_words_are_absent(video, model, tmp_path):
    track = run(video("5.6.mkv", (0, 5.6)), model("sound", "words"), tmp_path / "a.csv")
    assert {one.modalities for one in track.segments} == {("sound",)}


def test_the_context_is_that_of_the_training(model):
    assert context_of(load_model(str(model("sound")))) == 10.0
    short = model("sound", rows={"segments": {"seconds": 1.5}}, split={"kind": "grouped"})
    assert context_of(load_model(str(short))) == 1.5


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"every": 0.01}, "--every 0.01: wanted seconds, at least 0.05"), ({"smooth": -1}, "--smooth -1: wanted")],
)
def test_impossible_times_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        SceneSettings(**settings)
    with pytest.raises(ConfigError, match="--context nan"):
        SceneSettings(context=float("nan"))


@pytest.mark.slow
def test_kill_9_and_going_on(video, model, tmp_path):
    path, folder = video("long.mkv", (0, 200), (0, 200)), model("sound", "pictures")

    def start(output):
        call = [sys.executable, "-m", "heterophony", "scenes", path, "--model", folder, "-o", output]
        return subprocess.Popen([str(part) for part in call], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    assert start(tmp_path / "whole.json").wait() == 0
    process, journal = start(tmp_path / "a.json"), tmp_path / "a.json.part"
    while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= 3):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert start(tmp_path / "a.json").wait() == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
