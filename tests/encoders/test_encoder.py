"""Fingerprints tell vectors apart, and say why; names lead to encoders."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from heterophony.encoders import ENCODERS, Fingerprint, load_encoder
from heterophony.encoders.checkpoints import CHECKPOINTS
from heterophony.errors import ConfigError

PRINT = Fingerprint(encoder="yamnet", version="1", modality="sound", weights_sha256="ab", rate_hz=16000, window=15600)


def test_equal_fingerprints_have_one_digest_of_16_hex_digits() -> None:
    assert PRINT.digest == replace(PRINT).digest
    assert len(PRINT.digest) == 16
    int(PRINT.digest, 16)


def test_the_digest_is_the_same_on_every_machine() -> None:
    assert PRINT.digest == "45f72e3f1af38fd0"


@pytest.mark.parametrize("change", [{"version": "2"}, {"pooling": "mean"}, {"rate_hz": 32000}, {"max_seconds": 10.0}])
def test_every_change_changes_the_digest_and_is_named(change: dict[str, object]) -> None:
    other = replace(PRINT, **change)
    assert other.digest != PRINT.digest
    ((key, value),) = change.items()
    assert PRINT.differences(other) == [f"{key}: {getattr(PRINT, key)!r} here, {value!r} there"]


def test_nothing_differs_from_itself() -> None:
    assert PRINT.differences(PRINT) == []


@pytest.fixture
def all_weights(lay: Callable[[str, dict[str, Tensor]], object]) -> None:
    """Something under every name, as if the user had brought it; fingerprints only need its hash."""
    for name in CHECKPOINTS:
        lay(name, {"a": torch.ones(1)})


@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_every_name_leads_to_the_encoder_of_that_name(name: str, all_weights: None) -> None:
    encoder = load_encoder(name)
    assert encoder.name == name
    assert encoder.fingerprint.encoder == name
    assert encoder.fingerprint.modality == encoder.modality


def test_fingerprints_of_all_encoders_differ(all_weights: None) -> None:
    assert len({load_encoder(name).fingerprint.digest for name in ENCODERS}) == len(ENCODERS)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'yamnett' is unknown; did you mean 'yamnet'\?"):
        load_encoder("yamnett")
    with pytest.raises(ConfigError, match="there are beats, clap, "):
        load_encoder("zzz")
