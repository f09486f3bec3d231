"""What runs are made of: which vectors are given, which are made, and that what is known is not made again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import Clip, Found, read_collection, read_manifest
from heterophony.errors import ConfigError, InputError
from heterophony.recipes.collection import (
    Collection,
    Sources,
    Work,
    read_sources,
    refuse_other_modalities,
    with_given,
)
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.spec import Recipe
from heterophony.store import Store

CLIPS = (Clip(id="a", title="rain"), Clip(id="b", title="dog"), Clip(id="c"))
SOUND = np.array([[1, 2], [3, 4], [np.nan, 0]], dtype=np.float32)


def recipe(**modalities: str) -> Recipe:
    return as_recipe({"name": "x", "modalities": {name: {"encoder": encoder} for name, encoder in modalities.items()}})


@pytest.fixture
def vectors(tmp_path: Path) -> str:
    np.save(tmp_path / "v.npy", SOUND)
    return str(tmp_path / "v.npy")


def sources(features: dict[str, str], clips: tuple[Clip, ...] = CLIPS, work: Work | None = None) -> Sources:
    return Sources(own=Collection(found=Found(clips), features=features), work=work or Work())


def test_where_all_is_given_nothing_is_made(vectors: str) -> None:
    given = sources({"sound": vectors, "words": vectors})
    asked = with_given(recipe(sound="clap", words="clap-words"), given.own.features)
    assert [spec.encoder for spec in asked.modalities.values()] == ["given:v.npy"] * 2
    first, second, third = given.embedded(asked)
    np.testing.assert_array_equal(first.vectors["sound"], [1, 2])
    assert (second.status, second.words) == ("ok", "dog")
    assert (third.status, third.vectors) == ("refused", {})
    assert third.reason == f"c: no vector in {vectors}, {vectors}"


def test_what_is_given_stands_beside_what_is_made(vectors: str, store_folder: Path) -> None:
    given = sources({"sound": vectors}, work=Work(store=Store(store_folder)))
    first, second, third = given.embedded(recipe(sound="clap", words="minilm"))
    assert {name: len(vector) for name, vector in first.vectors.items()} == {"sound": 2, "words": 384}
    assert (second.status, second.words) == ("ok", "dog")
    assert third.status == "refused"


def test_a_refused_recording_with_a_given_vector_can_be_used_in_part(vectors: str, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    clip = Clip(id="a", title="rain", file_name="broken.wav", path=tmp_path / "broken.wav")
    given = sources({"words": vectors}, (clip, *CLIPS[1:]))
    one = given.embedded(recipe(sound="yamnet", words="given"))[0]
    assert (one.status, list(one.vectors), one.words) == ("partial", ["words"], "rain")
    assert "broken.wav" in one.reason


def test_the_folders_of_a_data_set_are_read_where_the_recipe_names_them(bsd10k: Path, vectors: str) -> None:
    found = read_collection(bsd10k)
    own = Collection(found=found, folder=bsd10k)
    base = load_recipe("bst/table1/clap")
    assert {name: len(given.row) for name, given in own.given(base).items()} == {"sound": 46, "words": 45}
    assert list(own.given(load_recipe("bst/table1/convnext"))) == ["words"], "its sound is another encoder's"
    assert Collection(found=found).given(base) == {}
    np.save(Path(vectors), np.zeros((45, 3), np.float32))
    given = replace(own, features={"sound": vectors}).given(base)
    assert given["sound"].where == vectors, "what the user gives counts first"


def test_what_was_embedded_once_is_kept_for_the_next_recipe(vectors: str) -> None:
    given = sources({"sound": vectors})
    asked = recipe(sound="clap")
    first = given.embedded(asked)
    assert given.embedded(asked.model_copy(update={"seed": 5, "name": "y"})) is first
    assert given.embedded(asked.model_copy(update={"words_from": "anything"})) is not first


def test_the_options_of_a_command_become_sources(bsd10k: Path, external: dict[str, Path]) -> None:
    features = {"sound": "a.npy", "sound@ESC-50": "b.npy", "words@ESC-50": "c.npy"}
    made = read_sources(read_collection(bsd10k), bsd10k, {"ESC-50": external["ESC-50"]}, features, Work())
    assert (made.own.folder, made.own.features) == (bsd10k, {"sound": "a.npy"})
    assert made.extras["ESC-50"].features == {"sound": "b.npy", "words": "c.npy"}
    assert len(made.extras["ESC-50"].found.clips) == 4
    with pytest.raises(ConfigError, match=r"--features sound@ESC50=...: no --extra ESC50=...; did you mean ESC-50?"):
        read_sources(Found(()), bsd10k, {"ESC-50": external["ESC-50"]}, {"sound@ESC50": "x"}, Work())
    with pytest.raises(ConfigError, match="no --extra ESC-50="):
        read_sources(Found(()), bsd10k, {}, {"sound@ESC-50": "x"}, Work())


def test_a_manifest_has_no_features_beside_it(corpus: Path) -> None:
    made = read_sources(Found(tuple(read_manifest(corpus))), corpus, {}, {}, Work())
    assert made.own.folder is None


def test_vectors_of_a_modality_that_the_recipe_has_not_are_refused() -> None:
    refuse_other_modalities(recipe(sound="clap"), {"sound": "x", "sound@ESC-50": "y"})
    with pytest.raises(ConfigError, match=r"--features sond=...: recipe x has no such modality; did you mean sound\?"):
        refuse_other_modalities(recipe(sound="clap"), {"sond": "x"})


def test_what_is_given_for_the_collection_must_be_given_for_the_others(vectors: str, external: dict[str, Path]) -> None:
    more = Collection(found=read_collection(external["ESC-50"]))
    given = replace(sources({"sound": vectors}), extras={"ESC-50": more})
    raw = recipe(sound="clap").model_dump(mode="json") | {"extra": {"ESC-50": {"labels": "ESC-50"}}}
    asked = with_given(as_recipe(raw), given.own.features)
    with pytest.raises(
        InputError, match=r"--extra ESC-50: sound was given .* give --features sound@ESC-50=PATH as well"
    ):
        given.embedded_extra(asked, "ESC-50", more.found.clips)
