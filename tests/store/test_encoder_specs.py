"""Encoders by name and pooling."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.encoders import load_encoder
from heterophony.errors import ConfigError, ModelError, StoreError
from heterophony.media import Limits
from heterophony.store import Store
from heterophony.store.encoder_specs import all_parts, read_views


def test_a_view_is_a_name_and_a_pooling() -> None:
    sound, words = read_views({"sound": "yamnet+scores:mean+max", "words": "minilm"}, Limits())
    (heard,), (read,) = sound.parts, words.parts
    assert (sound.modality, heard.name, heard.pooling) == ("sound", "yamnet+scores", "mean+max")
    assert (words.modality, read.name, read.pooling) == ("words", "minilm", "")
    assert read.fingerprint == load_encoder("minilm").fingerprint


def test_the_pooling_of_the_encoder_is_taken_where_none_is_named() -> None:
    assert read_views({"sound": "yamnet"}, Limits()) == read_views({"sound": "yamnet:mean"}, Limits())


def test_pooling_length_limit_and_precision_of_the_store_are_in_the_fingerprint() -> None:
    (view,) = read_views({"ear": "yamnet:mean+std"}, Limits(max_seconds=60.0), stored_as="float16")
    assert view.parts[0].fingerprint == replace(
        load_encoder("yamnet").fingerprint,
        pooling="mean+std of windows within 40 dB of the loudest",
        max_seconds=60.0,
        stored_as="float16",
    )


def test_encoders_joined_by_commas_are_one_view_and_each_is_computed_once() -> None:
    views = read_views({"both": "yamnet, yamnet-scores:mean+max", "one": "yamnet:mean"}, Limits())
    assert [part.name for part in views[0].parts] == ["yamnet", "yamnet-scores"]
    assert [part.name for part in all_parts(views)] == ["yamnet", "yamnet-scores"]
    first, second = (part.key for part in views[0].parts)
    a, b = np.array([1.0], dtype=np.float32), np.array([2.0, 3.0], dtype=np.float32)
    joined = views[0].join({second: b, first: a})
    assert joined is not None
    assert joined.tolist() == [1.0, 2.0, 3.0]
    assert views[0].join({first: a}) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("yamnet:median", r"pooling 'median' is unknown; there are mean, mean\+max, mean\+std, unit-mean"),
        ("minilm:mean", "nothing to pool; write 'minilm'"),
        ("minilm2", "did you mean 'minilm'"),
        ("yamnet,minilm", "mixes sound and words"),
        ("imported:clap", "imported vectors are in a store, and none is used"),
        ("efficientat-mn10", r"mn10_as_mAP_471.*heterophony weights add efficientat-mn10 FILE"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    with pytest.raises((ConfigError, ModelError), match=message):
        read_views({"view": text}, Limits())


def test_only_two_precisions_are_stored() -> None:
    with pytest.raises(ConfigError, match="'float8'; use float32 or float16"):
        read_views({"sound": "yamnet"}, Limits(), stored_as="float8")


def test_what_was_not_imported_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing"):
        read_views({"sound": "imported:clap"}, Limits(), Store(tmp_path))
