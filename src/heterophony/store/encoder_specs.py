"""Which encoders a collection is embedded with, written as `name:pooling`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from heterophony.encoders import POOLINGS, Fingerprint, load_encoder
from heterophony.errors import ConfigError
from heterophony.media import Limits

DEFAULT_POOLING = "mean"


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """One encoder of a collection.

    Attributes:
        modality: "sound", "words" or "pictures".
        name: In `ENCODERS`.
        pooling: How windows become one vector; empty for words.
        fingerprint: Of the pooled vectors.
    """

    modality: str
    name: str
    pooling: str
    fingerprint: Fingerprint


def read_specs(encoders: Mapping[str, str], limits: Limits) -> tuple[EncoderSpec, ...]:
    """Specs from e.g. `{"sound": "yamnet+scores:mean+max", "words": "minilm"}`, in that order.

    Raises:
        ConfigError: An encoder or a pooling is unknown, or does not fit the modality.
        ModelError: The weights of an encoder are not installed or are not the expected ones.
    """
    return tuple(_read_spec(modality, text, limits) for modality, text in encoders.items())


def _read_spec(modality: str, text: str, limits: Limits) -> EncoderSpec:
    name, _, pooling = text.partition(":")
    encoder = load_encoder(name)
    if encoder.modality != modality:
        raise ConfigError(f"encoder {name!r} is for {encoder.modality}, but was given for {modality}")
    fingerprint = encoder.fingerprint
    if modality == "words":
        if pooling:
            raise ConfigError(f"encoder {text!r}: a text has one vector and nothing to pool; write {name!r}")
        return EncoderSpec(modality, name, "", fingerprint)
    pooling = pooling or DEFAULT_POOLING
    if pooling not in POOLINGS:
        raise ConfigError(f"encoder {text!r}: pooling {pooling!r} is unknown; there are {', '.join(POOLINGS)}")
    heard = f"{pooling} of windows within 40 dB of the loudest" if modality == "sound" else pooling
    pooled = replace(fingerprint, pooling=heard, max_seconds=float(limits.max_seconds))
    return EncoderSpec(modality, name, pooling, pooled)
