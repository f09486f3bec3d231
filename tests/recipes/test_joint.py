"""Recipes that train the encoders of several modalities."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import yaml
from PIL import Image

from heterophony.augment import Mixup
from heterophony.clips import read_manifest
from heterophony.encoders import scratch
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.encoders.vggish import Vggish
from heterophony.errors import ConfigError
from heterophony.models import EncodeFeatures, Joint, Load
from heterophony.recipes.collection import Sources, Work
from heterophony.recipes.inputs import table
from heterophony.recipes.joint_rows import open_joining
from heterophony.recipes.load import as_recipe
from heterophony.recipes.model_folder import load_model
from heterophony.recipes.prepare import prepare
from heterophony.recipes.train import train
from heterophony.store import Store, embed_clips
from heterophony.training import FitSettings

RAW = {
    "name": "joint",
    "modalities": {"sound": {"encoder": "vggish"}, "pictures": {"encoder": "vgg16-bigru"}},
    "model": {"name": "mlp", "hidden": [8], "norm": True},
    "augment": [],
    "split": {"kind": "grouped", "folds": 2},
    "joint": {"branches": {"sound": {"start": "scratch"}, "pictures": {"start": "scratch"}}},
    "fit": {"epochs": 1, "batch": 4},
}


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(scratch.SCRATCH, "vggish", partial(Vggish, (2, 2, 2, 2, 2, 4), (16, 16, 128)))
    monkeypatch.setitem(scratch.SCRATCH, "vgg16-bigru", partial(VggGru, 0, blocks=((1,), (1,), (1,), (1,), (4,))))


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty rows of two classes; row 0 has no picture, row 1 a broken sound, all others both."""
    folder, draw = tmp_path_factory.mktemp("joint"), np.random.default_rng(0)
    lines = ["id,file_name,pictures_file_name,label,group"]
    for row in range(20):
        soundfile.write(folder / f"{row}.wav", 0.1 * draw.normal(size=(24_000 + 2000 * row)), 16_000)
        Image.fromarray(draw.integers(0, 255, (24, 32, 3), dtype=np.uint8)).save(folder / f"{row}.png")
        lines.append(f"r{row},{row}.wav,{f'{row}.png' if row else ''},{'ab'[row % 2]},g{row}")
    (folder / "1.wav").write_bytes(b"nothing of the kind")
    (folder / "m.csv").write_text("\n".join(lines) + "\n")
    return folder


def sources(folder: Path, store: Path) -> Sources:
    return Sources.of(read_manifest(folder / "m.csv"), Work(store=Store(store)))


def test_rows_are_numbers_and_what_cannot_be_read_is_told(collection, tmp_path) -> None:
    ready = prepare(as_recipe(RAW), sources(collection, tmp_path))
    assert [one.clip.id for one in ready.refused] == ["r1"]
    assert "1.wav: cannot be decoded" in ready.refused[0].reason
    assert ready.samples.ids[:2] == ("r0", "r2")
    assert ready.samples.vectors["sound"][:3, 0].tolist() == [0, 2, 3]
    assert ready.samples.vectors["pictures"][:3, 0].tolist() == [-1, 2, 3]
    assert ready.task.dims == {"sound": 128, "pictures": 64}
    assert ready.content == prepare(as_recipe(RAW), sources(collection, tmp_path)).content


def test_decoded_rows_are_kept_in_the_store_and_read_again(collection, tmp_path) -> None:
    open_joining(as_recipe(RAW), sources(collection, tmp_path))
    (index,) = tmp_path.glob("decoded/**/index.npz")
    before = index.stat().st_mtime_ns
    open_joining(as_recipe(RAW), sources(collection, tmp_path))
    assert index.stat().st_mtime_ns == before


def test_a_modality_that_is_not_trained_comes_as_stored_vectors(collection, tmp_path) -> None:
    modalities = {**RAW["modalities"], "words": {"encoder": "minilm"}}
    text = (collection / "m.csv").read_text().splitlines()
    words = [f"{line},{'title' if not at else f'a sound {at}'}" for at, line in enumerate(text)]
    (collection / "words.csv").write_text("\n".join(words) + "\n")
    whole = Sources.of(read_manifest(collection / "words.csv"), Work(store=Store(tmp_path)))
    ready = prepare(as_recipe({**RAW, "modalities": modalities}), whole)
    assert ready.task.dims == {"sound": 128, "words": 384, "pictures": 64}
    stored = embed_clips(whole.own.found.clips[2:3], {"words": "minilm"})[0].vectors["words"]
    row = ready.samples.ids.index("r2")
    np.testing.assert_array_equal(ready.samples.vectors["words"][row], stored)


def test_a_saved_model_says_of_files_what_the_trained_network_says_of_rows(collection, tmp_path) -> None:
    done = train(as_recipe(RAW), sources(collection, tmp_path / "store"), tmp_path / "run", threads=1)
    assert done.trained is not None
    files = sorted(path.name for path in (tmp_path / "run" / "model").glob("encoder_*"))
    assert files == ["encoder_pictures.safetensors", "encoder_sound.safetensors"]
    log = (tmp_path / "run" / "log.txt").read_text()
    assert log.count("epoch 1, training loss") == 2  # one epoch in each of two folds
    assert "accuracy of validation rows" in log
    ready = prepare(as_recipe(RAW), sources(collection, tmp_path / "store"))
    mine = done.trained.say(table(ready.samples, {}, 2)).logits
    loaded = load_model(str(tmp_path / "run"))
    encoders = {name: spec.encoder for name, spec in loaded.recipe.modalities.items()}
    clips = [clip for clip in read_manifest(collection / "m.csv") if clip.id != "r1"]
    embedded = {one.clip.id: one.vectors for one in embed_clips(clips, encoders)}
    with np.load(tmp_path / "run" / "fold_0" / "embeddings.npz") as kept:
        assert kept["sound"].shape == (19, 128)
        assert np.isnan(kept["pictures"][list(kept["ids"]).index("r0")]).all()
    rows = table(ready.samples, {}, 2)
    for name, dim in ready.task.dims.items():
        vectors = np.stack([embedded[key].get(name, np.zeros(dim, dtype=np.float32)) for key in ready.samples.ids])
        rows.inputs[name] = torch.from_numpy(vectors)
    np.testing.assert_allclose(loaded.say(rows).logits, mine, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("level", ["input", "embedding"])
def test_mixup_comes_before_the_encoders_or_behind_them(collection, tmp_path, level) -> None:
    raw = {
        **RAW,
        "augment": [{"name": "mixup", "ratio": 0.4}],
        "joint": {**RAW["joint"], "level": level},
    }
    ready = prepare(as_recipe(raw), sources(collection, tmp_path))
    joining = ready.task.joining
    assert joining is not None
    network = joining.network(torch.nn.Identity())
    assert isinstance(network, Joint)
    mixup = Mixup(ratio=0.4)
    ahead, during = joining.augmentations(network, table(ready.samples, {}, 2), [mixup], "float32")
    kinds = [type(one) for one in (*ahead, *during)]
    assert kinds == ([Load, Mixup] if level == "input" else [Load, EncodeFeatures, Mixup])
    assert (mixup in ahead) == (level == "input")


def test_the_last_stage_freezes_and_slows_encoders_after_the_groups_of_the_recipe(collection, tmp_path) -> None:
    branches = {"sound": {"start": "scratch", "lr": 0.01}, "pictures": {"start": "scratch", "frozen": True}}
    raw = {**RAW, "joint": {"branches": branches}}
    joining = prepare(as_recipe(raw), sources(collection, tmp_path)).task.joining
    assert joining is not None
    groups = joining.last(FitSettings()).groups
    assert [(one.match, one.lr, one.frozen) for one in groups] == [
        ("encoders.sound", 0.01, False),
        ("encoders.pictures", None, True),
    ]


def test_only_encoders_that_can_be_trained(collection, tmp_path) -> None:
    raw = {**RAW, "modalities": {**RAW["modalities"], "sound": {"encoder": "yamnet"}}}
    with pytest.raises(ConfigError, match="encoder 'yamnet' cannot be"):
        prepare(as_recipe(raw), sources(collection, tmp_path))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"branches": {"words": {}}}, "joint.branches has words, but the modalities are sound, pictures"),
        ({"branches": {"sound": {"augment": [{"name": "rand-augment"}]}}}, "rand-augment changes no waveforms"),
        ({"branches": {"pictures": {"augment": [{"name": "pitch-shift"}]}}}, "pitch-shift changes no pictures"),
        ({"branchs": {}}, "branchs"),
    ],
)
def test_what_cannot_be_trained_so_is_refused(changed, said) -> None:
    with pytest.raises(ValueError, match=said):
        as_recipe({**RAW, "joint": changed})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"members": 2}, "members above 1"),
        ({"pairs": 1}, "borrowed rows"),
        ({"finetune": {"modality": "sound", "seconds": 1.0}}, "finetune: that is for one encoder"),
        ({"modalities": {"sound": {"encoder": "vggish:mean+max"}, "pictures": {"encoder": "vgg19"}}}, "pooled by the"),
    ],
)
def test_what_does_not_go_with_joint_training_is_refused(changed, said) -> None:
    with pytest.raises(ValueError, match=said):
        as_recipe({**RAW, **changed})


def test_what_changes_vectors_is_not_done_to_spectrograms_and_pictures() -> None:
    bare = {key: value for key, value in RAW.items() if key != "augment"}
    assert as_recipe(bare).augment == ()
    assert [one.name for one in as_recipe({**bare, "joint": None}).augment] == ["noise", "masking"]
    vectors = {**bare, "augment": [{"name": "masking"}]}
    with pytest.raises(ValueError, match=r"augment masking is of vectors, and joint\.level is input; take mixup, or"):
        as_recipe(vectors)
    with pytest.raises(ValueError, match="augment cutmix is of vectors"):
        as_recipe({**bare, "stages": [{"of": "sound", "augment": [{"name": "cutmix", "alpha": 0.4}]}]})
    assert as_recipe({**vectors, "joint": {**RAW["joint"], "level": "embedding"}}).augment
    with pytest.raises(ValueError, match="augment cross-modal-swap is of vectors"):
        as_recipe({**bare, "augment": [{"name": "cross-modal-swap", "modality": "sound", "probability": 0.5}]})


def test_a_recipe_of_the_paper_is_written_in_full() -> None:
    assert yaml.safe_load(yaml.safe_dump(as_recipe(RAW).model_dump(mode="json")))["joint"]["level"] == "input"
