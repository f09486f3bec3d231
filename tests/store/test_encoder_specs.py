"""Encoders by name and pooling."""

from dataclasses import replace

import pytest

from heterophony.encoders import load_encoder
from heterophony.errors import ConfigError
from heterophony.media import Limits
from heterophony.store.encoder_specs import read_specs


def test_a_spec_is_a_name_and_a_pooling() -> None:
    sound, words = read_specs({"sound": "yamnet+scores:mean+max", "words": "minilm"}, Limits())
    assert (sound.modality, sound.name, sound.pooling) == ("sound", "yamnet+scores", "mean+max")
    assert (words.modality, words.name, words.pooling) == ("words", "minilm", "")
    assert words.fingerprint == load_encoder("minilm").fingerprint


def test_the_mean_is_the_pooling_where_none_is_named() -> None:
    assert read_specs({"sound": "yamnet"}, Limits()) == read_specs({"sound": "yamnet:mean"}, Limits())


def test_pooling_and_length_limit_are_in_the_fingerprint() -> None:
    (spec,) = read_specs({"sound": "yamnet:mean+std"}, Limits(max_seconds=60.0))
    assert spec.fingerprint == replace(
        load_encoder("yamnet").fingerprint,
        pooling="mean+std of windows within 40 dB of the loudest",
        max_seconds=60.0,
    )


@pytest.mark.parametrize(
    ("encoders", "message"),
    [
        ({"sound": "minilm"}, "'minilm' is for words, but was given for sound"),
        ({"sound": "yamnet:median"}, r"pooling 'median' is unknown; there are mean, mean\+max, mean\+std"),
        ({"words": "minilm:mean"}, "nothing to pool; write 'minilm'"),
        ({"words": "minilm2"}, "did you mean 'minilm'"),
    ],
)
def test_what_does_not_fit_is_refused(encoders: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_specs(encoders, Limits())
