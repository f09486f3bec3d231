"""An encoder trained together with the network: what it may learn from, what it leaves, how it is used again."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import save_file

from heterophony.clips import Split, read_manifest
from heterophony.encoders import load_encoder
from heterophony.encoders.efficientat_network import BlockWidths, EfficientAt
from heterophony.encoders.trainable import network_of, trainable_encoder
from heterophony.errors import ConfigError, InputError, ModelError
from heterophony.media import Waveforms
from heterophony.predictions import Predictions, softmax
from heterophony.recipes.classify import classify
from heterophony.recipes.collection import Sources
from heterophony.recipes.cross_validate import cross_validate, run_fold
from heterophony.recipes.finetune import all_groups, head_settings, open_tuning
from heterophony.recipes.fold import Task
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.model_folder import load_model, save_model
from heterophony.recipes.predict import predict
from heterophony.recipes.prepare import Prepared, prepare
from heterophony.recipes.spec import Recipe
from heterophony.recipes.train import train
from heterophony.recipes.trained import Trained
from heterophony.recipes.tuned_folder import embeddings, tuned_member
from heterophony.training import Checkpoints, FitSettings, Group, seeded

KEYS: dict[str, Any] = {
    "name": "tuned",
    "modalities": {"sound": {"encoder": "efficientat-mn04:mean"}, "words": {"encoder": "minilm"}},
    "model": {"dim": 16, "hidden": 16},
    "augment": [{"name": "mixup", "alpha": 0.2}],
    "finetune": {
        "seconds": 1.0,
        "head_first": 2,
        "head_lr": 1e-2,
        "groups": [{"match": "features.0", "frozen": True}, {"match": "features.1.*", "lr": 0.0}],
    },
    "fit": {"epochs": 2, "batch": 8, "lr": 1e-3, "optimiser": "adamw", "schedule": "cosine", "clip": 1.0},
    "split": {"folds": 3},
}


def recipe(**keys: Any) -> Recipe:
    return as_recipe({**KEYS, **keys})


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The weights of mn04 are those of a network with a few channels, in a cache of this file."""
    blocks = [BlockWidths(4, 4), *(BlockWidths(8, 4, 2 * (3 <= index <= 5)) for index in range(1, 15))]
    with seeded(3):
        tensors = EfficientAt(4, blocks, last=384, hidden=8, classes=527).state_dict()
    cache = tmp_path_factory.mktemp("cache")
    (cache / "weights").mkdir()
    metadata = {"sha256": "0" * 64, "file": "test", "settings": json.dumps({})}
    save_file({k: x.clone() for k, x in tensors.items()}, cache / "weights" / "efficientat-mn04.safetensors", metadata)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HETEROPHONY_CACHE", str(cache))
        yield cache


@pytest.fixture(scope="module")
def ready(tiny: Path, corpus: Path) -> Prepared:
    return prepare(recipe(), Sources.of(read_manifest(corpus)))


@pytest.fixture(scope="module")
def folds(ready: Prepared) -> list[tuple[Any, Trained]]:
    return list(cross_validate(ready.task, ready.samples, ready.split))


@pytest.fixture(scope="module")
def run(tiny: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "tuned"
    train(recipe(), Sources.of(read_manifest(corpus)), out)
    return out


def state(trained: Trained) -> bytes:
    return b"".join(x.numpy().tobytes() for x in tuned_member(trained).state_dict().values())


def with_other_test_rows(ready: Prepared, fold: int) -> tuple[Task, Any, Split]:
    """The same, but the test rows of a fold have other labels, words and recordings."""
    samples, tuning = ready.samples, ready.task.tuning
    assert tuning is not None
    _, _, test = ready.split.parts(fold)
    target, words = samples.target.copy(), samples.vectors["words"].copy()
    target[test] = (target[test] + 1) % 3
    words[test] = -words[test][::-1]
    heard = {tuning.number[samples.ids[row]] for row in test if samples.present["sound"][row]}
    waves = tuple(-x[::-1] if n in heard else x for n, x in enumerate(tuning.waveforms.samples))
    other = replace(tuning, waveforms=Waveforms(tuning.waveforms.rate_hz, waves))
    changed = replace(samples, target=target, vectors={**samples.vectors, "words": words})
    return replace(ready.task, tuning=other), changed, ready.split


def test_rows_of_the_modality_are_numbers_of_recordings(ready: Prepared) -> None:
    numbers, tuning = ready.samples.vectors["sound"], ready.task.tuning
    assert tuning is not None
    assert numbers.dtype == np.int64
    assert sorted(numbers[ready.samples.present["sound"], 0].tolist()) == list(range(len(tuning.waveforms)))
    assert set(numbers[~ready.samples.present["sound"], 0].tolist()) == {-1}


def test_the_encoder_never_learns_from_the_test_rows_of_its_fold(ready: Prepared, folds: list[Any]) -> None:
    _, trained = run_fold(*with_other_test_rows(ready, 1), 1)
    assert state(trained) == state(folds[1][1])


def test_a_fold_alone_has_the_bytes_that_it_has_among_the_others(ready: Prepared, folds: list[Any]) -> None:
    result, trained = run_fold(ready.task, ready.samples, ready.split, 2)
    assert state(trained) == state(folds[2][1])
    assert state(trained) != state(folds[1][1])
    np.testing.assert_array_equal(result.test["sound+words"].logits, folds[2][0].test["sound+words"].logits)


def test_a_fold_that_was_stopped_goes_on_to_the_same_bytes(ready: Prepared, folds: list[Any], tmp_path: Path) -> None:
    task = replace(ready.task, checkpoints=Checkpoints(tmp_path))

    def stop(fold: int, row: dict[str, float]) -> None:
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_fold(task, ready.samples, ready.split, 2, on_epoch=stop)
    assert sorted(path.name for path in (tmp_path / "member_0").iterdir()) == ["head.safetensors", "last.safetensors"]
    _, trained = run_fold(task, ready.samples, ready.split, 2)
    assert state(trained) == state(folds[2][1])


def test_frozen_parts_stay_and_the_others_have_moved(folds: list[Any]) -> None:
    published = network_of(trainable_encoder("efficientat-mn04")).state_dict()
    for _, trained in folds:
        now = tuned_member(trained).encoder.state_dict()
        still = {name for name, x in published.items() if torch.equal(x, now[name])}
        kept = ("features.0.", "features.1.", "classifier.")  # frozen, frozen, not used
        assert {name for name in published if name.startswith(kept)} <= still
        assert not {name for name in still if name.startswith(("features.2.", "features.16."))}


def test_a_run_leaves_the_encoder_and_the_vectors_of_each_fold(run: Path) -> None:
    for folder in (*(run / f"fold_{k}" for k in range(3)), run / "model"):
        assert (folder / "encoder_sound.safetensors").is_file()
    for fold in range(3):
        with np.load(run / f"fold_{fold}" / "embeddings.npz") as kept:
            ids, part, vectors = kept["ids"].tolist(), kept["part"], kept["sound"]
        tested = Predictions.load(run / f"fold_{fold}" / "predictions_test.npz")
        assert {key for key, where in zip(ids, part, strict=True) if where == "test"} == set(tested.ids)
        assert set(part) == {"train", "val", "test"}
        assert np.isnan(vectors).all(axis=1).sum() == 6  # clips of words only
        assert vectors.shape == (36, 384)


def test_the_vectors_are_those_of_the_saved_encoder(run: Path, corpus: Path) -> None:
    encoder = load_encoder(f"efficientat-mn04@{run / 'fold_0' / 'encoder_sound.safetensors'}")
    with np.load(run / "fold_0" / "embeddings.npz") as kept:
        vectors = dict(zip(kept["ids"].tolist(), kept["sound"], strict=True))
    tuning = open_tuning(recipe(), prepared_clips(corpus))
    assert tuning is not None
    for key in ("c0", "c4"):
        wanted = encoder.encode(tuning.waveforms.whole(tuning.number[key])[None, : encoder.window])[0]
        np.testing.assert_allclose(vectors[key], wanted, atol=1e-4)


def prepared_clips(corpus: Path) -> Any:
    return Sources.of(read_manifest(corpus)).embedded(recipe())


def test_a_saved_model_says_of_recordings_what_the_fold_said(run: Path, corpus: Path, tmp_path: Path) -> None:
    model = load_model(str(run / "fold_0"))
    tested = Predictions.load(run / "fold_0" / "predictions_test.npz")
    clips = {clip.id: clip for clip in read_manifest(corpus)}
    said = predict(Sources.of([clips[key] for key in tested.ids]), model).predictions
    np.testing.assert_allclose(np.exp(said.logits), softmax(tested.logits, 1.0), atol=1e-3)
    moved = tmp_path / "elsewhere"
    (run / "model").rename(moved)
    try:
        results = classify(list(clips.values())[:3], load_model(str(moved)))
    finally:
        moved.rename(run / "model")
    assert [one.status for one in results] == ["ok"] * 3


def test_a_model_whose_encoder_is_altered_or_missing_is_refused(run: Path) -> None:
    path = run / "fold_2" / "encoder_sound.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelError, match=r"encoder_sound\.safetensors: SHA-256 .* it was altered"):
        load_model(str(run / "fold_2"))
    path.unlink()
    with pytest.raises(ModelError, match=r"encoder_sound\.safetensors: missing; the model is incomplete"):
        load_model(str(run / "fold_2"))
    path.write_bytes(content)


def test_a_loaded_model_cannot_be_saved_without_its_encoder(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="stay in its folder; copy that folder"):
        save_model(load_model(str(run)), tmp_path / "copy", "")


def test_vectors_of_a_fold_are_of_use_to_a_recipe_for_that_fold(run: Path, corpus: Path, tmp_path: Path) -> None:
    """The second stage of the report, without its leak: fold 1 on the vectors of fold 1's encoder."""
    from typer.testing import CliRunner

    from heterophony.cli.app import app

    path = tmp_path / "head.yaml"
    path.write_text(
        "name: head\nmodalities: {sound: {encoder: yamnet}, words: {encoder: minilm}}\n"
        "model: {dim: 16, hidden: 16}\nfit: {epochs: 2, batch: 8}\n",
        encoding="utf-8",
    )
    out, fold = tmp_path / "out", run / "fold_1"
    command = ["train", str(path), "--data", str(corpus), "--out", str(out), "--split", str(run / "split.csv")]
    given = f"sound={fold / 'embeddings.npz'}"
    done = CliRunner().invoke(app, [*command, "--features", given, "--fold", "1", "--no-store"])
    assert done.exit_code == 0, done.output
    with np.load(fold / "embeddings.npz") as kept:
        never_seen = {key for key, part in zip(kept["ids"].tolist(), kept["part"], strict=True) if part == "test"}
    assert set(Predictions.load(out / "fold_1" / "predictions_test.npz").ids) == never_seen


def test_the_head_is_trained_first_at_its_own_rate() -> None:
    spec = recipe().finetune
    assert spec is not None
    settings = FitSettings(batch=4, accumulate=3, lr=1e-5, weight_decay=0.1, groups=(Group(match="encoders", lr=2.0),))
    first = head_settings(spec, settings)
    assert (first.epochs, first.batch, first.accumulate, first.lr, first.schedule) == (2, 12, 1, 1e-2, "constant")
    assert first.weight_decay == 0.1
    assert [(one.match, one.lr) for one in all_groups(spec, settings)] == [
        ("encoder.features.0", None),
        ("encoder.features.1.*", 0.0),
        ("head.encoders", 2.0),
        ("head", 1e-2),
    ]


@pytest.mark.parametrize(
    ("keys", "match"),
    [
        ({"members": 2}, "members is 2, but each would have an encoder of its own"),
        ({"extra": {"x": {}}}, "extra: rows of other data sets cannot be fine-tuned on yet"),
        (
            {"finetune": {"seconds": 1.0, "modality": "pictures"}},
            "finetune.modality is pictures, but the modalities are",
        ),
        ({"modalities": {"sound": {"encoder": "yamnet,clap"}}}, "encoder is 'yamnet,clap', wanted is one encoder"),
        ({"modalities": {"sound": {"encoder": "clap", "features": "x"}}}, "stored vectors cannot be trained"),
        ({"priors": {"p": {"kind": "linear", "of": "sound"}}}, "priors.p: reads vectors of sound"),
        (
            {"augment": [{"name": "cross-modal-swap", "probability": 0.5, "modality": "sound"}]},
            "augment cross-modal-swap: reads vectors of sound",
        ),
    ],
)
def test_what_does_not_go_with_fine_tuning_is_refused(keys: dict[str, Any], match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        recipe(**keys)


@pytest.mark.parametrize(
    ("encoder", "takes"), [("fcnn-small", "hears left and right"), ("efficientnet-lite0", "looks at frames")]
)
def test_an_encoder_that_takes_more_than_one_channel_of_sound_is_refused(
    encoder: str, takes: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    (tmp_path / "weights").mkdir()
    metadata = {"sha256": "0" * 64, "settings": "{}"}
    save_file({"x": torch.zeros(1)}, tmp_path / "weights" / "fcnn-small.safetensors", metadata)
    with pytest.raises(ConfigError, match=f"encoder '{encoder}' {takes}, wanted is sound of one channel; use joint"):
        open_tuning(recipe(modalities={"sound": {"encoder": encoder}}), [])


@pytest.mark.parametrize("seconds", [0.5, 11.0])
def test_crops_must_fit_the_windows_of_the_encoder(tiny: Path, corpus: Path, seconds: float) -> None:
    with pytest.raises(
        ConfigError, match=rf"finetune.seconds is {seconds:g}; efficientat-mn04 takes windows of 1 to 10 s"
    ):
        open_tuning(recipe(finetune={"seconds": seconds}), prepared_clips(corpus))


def test_too_much_for_the_memory_is_refused(tiny: Path, corpus: Path) -> None:
    with pytest.raises(InputError, match="recordings already take more than"):
        open_tuning(recipe(finetune={"seconds": 1.0, "memory_gib": 1e-4}), prepared_clips(corpus))


def test_a_group_that_matches_nothing_is_refused_before_long(ready: Prepared) -> None:
    assert ready.task.tuning is not None
    changed = recipe(finetune={"seconds": 1.0, "groups": [{"match": "feature.0", "lr": 0.1}]})
    task = replace(ready.task, recipe=changed, tuning=replace(ready.task.tuning, recipe=changed))
    with pytest.raises(ConfigError, match=r"group 'encoder\.feature\.0' matches no parameter .*encoder\.features\.0"):
        run_fold(task, ready.samples, ready.split, 0)


def test_embeddings_of_a_fold_are_those_that_its_head_reads(ready: Prepared, folds: list[Any]) -> None:
    result, trained = folds[0]
    _, _, test = ready.split.parts(0)
    rows = ready.samples.take(test)
    vectors = np.nan_to_num(embeddings(trained, rows)["sound"])
    batch = trained.table(replace(rows, vectors={**rows.vectors, "sound": vectors}))
    np.testing.assert_allclose(trained.say(batch).logits, result.test["sound+words"].logits, atol=1e-5)


@pytest.fixture
def tiny_clap_tensors() -> Callable[[bool], dict[str, torch.Tensor]]:
    """`tiny_clap_tensors(fused)`: CLAP's sound branch with four stages of one block each, vectors of 8 numbers."""
    pytest.importorskip("transformers")
    from heterophony.encoders.transformers_library import transformers_model

    def make(fused: bool) -> dict[str, torch.Tensor]:
        config = transformers_model("clap.configuration_clap").ClapAudioConfig(
            patch_embeds_hidden_size=8,
            hidden_size=64,
            depths=[1, 1, 1, 1],
            num_attention_heads=[1, 2, 4, 8],
            mlp_ratio=2.0,
            enable_fusion=fused,
            projection_dim=8,
        )
        with seeded(1):
            network = transformers_model("clap.modeling_clap").ClapAudioModelWithProjection(config)
        return {name: x.clone() for name, x in network.state_dict().items()}

    return make


@pytest.mark.parametrize("name", ["finetune/clap", "finetune/winner"])
def test_the_presets_of_clap_are_wired_on_a_small_clap(
    name: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_clap_tensors: Callable[[bool], Any]
) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    metadata = {"sha256": "0" * 64, "file": "test", "settings": json.dumps({})}
    chosen = load_recipe(name)
    encoder = chosen.modalities["sound"].encoder.partition(":")[0]
    tensors = tiny_clap_tensors(encoder == "clap")
    save_file(tensors, weights / f"{encoder}.safetensors", metadata)
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    few = [clip for clip in read_manifest(corpus) if clip.path is not None and clip.title]
    keys = chosen.model_dump(mode="json")
    keys |= {"taxonomy": "", "model": {"dim": 8, "hidden": 8}, "rows": {}, "split": {"folds": 3}}
    keys["modalities"]["words"] = {"encoder": "minilm"}
    keys["fit"] |= {"epochs": 1, "batch": 4}
    prepared = prepare(as_recipe(keys), Sources.of(few))
    _, trained = run_fold(prepared.task, prepared.samples, prepared.split, 0)
    published = network_of(trainable_encoder(encoder)).state_dict()
    now = tuned_member(trained).encoder.state_dict()
    still = {key for key, x in published.items() if torch.equal(x, now[key])}
    frozen = tuple(group.match for group in chosen.finetune.groups if group.frozen)
    if name == "finetune/clap":
        assert len(frozen) == 3
        assert {key for key in published if key.startswith(frozen)} - still == set()
    else:
        assert frozen == ()
        assert any("layers.0" in key for key in set(published) - still)
    for part in ("audio_projection", "layers.2", "layers.3", "batch_norm.running_mean"):
        assert any(part in key for key in set(published) - still), part
