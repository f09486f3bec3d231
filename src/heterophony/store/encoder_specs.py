"""Which encoders a collection is embedded with, written as `name:pooling`, several of them joined by commas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from heterophony.encoders import POOLINGS, Fingerprint, load_encoder
from heterophony.errors import ConfigError
from heterophony.media import Limits
from heterophony.store.import_folder import find_imported
from heterophony.store.shelf import Store

IMPORTED = "imported"
"""`imported:NAME` stands for vectors that `heterophony store import` has put into the store under this name."""
GIVEN = "given"
"""`given:NAME` stands for vectors that the user laid beside a collection; no recording has them."""
PRECISIONS = ("float32", "float16")


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """One encoder of a collection, or vectors that somebody else made.

    Attributes:
        modality: "sound", "words" or "pictures".
        name: In `ENCODERS`; "imported" for vectors that are in the store already.
        pooling: How windows become one vector; empty for words and for what is imported.
        fingerprint: Of the pooled vectors.
    """

    modality: str
    name: str
    pooling: str
    fingerprint: Fingerprint

    @property
    def key(self) -> str:
        """Stands for the vectors: equal keys, equal vectors."""
        return self.fingerprint.digest


@dataclass(frozen=True, slots=True)
class View:
    """One input of a network: what one encoder says, or several, one after the other.

    Attributes:
        name: Of the input, e.g. "sound".
        parts: Encoders of one modality, in this order.
    """

    name: str
    parts: tuple[EncoderSpec, ...]

    @property
    def modality(self) -> str:
        """What all its encoders listen to, read or look at."""
        return self.parts[0].modality

    def join(self, vectors: Mapping[str, Float32[np.ndarray, " _"]]) -> Float32[np.ndarray, " _"] | None:
        """The vector of the view from those of its parts, by key; None unless all are there."""
        found = [vectors.get(part.key) for part in self.parts]
        there = [vector for vector in found if vector is not None]
        if len(there) < len(found):
            return None
        return there[0] if len(there) == 1 else np.concatenate(there)


def read_views(
    encoders: Mapping[str, str], limits: Limits, store: Store | None = None, stored_as: str = "float32"
) -> tuple[View, ...]:
    """Views from e.g. `{"sound": "yamnet+scores:mean+max,efficientat-mn04", "words": "minilm"}`, in that order.

    Args:
        encoders: View to encoders.
        limits: `max_seconds` is part of the fingerprint.
        store: Where imported vectors are.
        stored_as: "float32" or "float16": what the store keeps, and so what is given.

    Raises:
        ConfigError: An encoder or a pooling is unknown, does not fit, or one view mixes modalities.
        ModelError: The weights of an encoder are not here or are not the expected ones.
        StoreError: Nothing was imported under that name.
    """
    if stored_as not in PRECISIONS:
        raise ConfigError(f"vectors cannot be stored as {stored_as!r}; use {' or '.join(PRECISIONS)}")
    views = []
    for name, text in encoders.items():
        parts = tuple(_read_part(part.strip(), limits, store, stored_as) for part in text.split(","))
        mixed = sorted({part.modality for part in parts})
        if len(mixed) > 1:
            raise ConfigError(f"{name}: {text!r} mixes {' and '.join(mixed)}; give each modality a view of its own")
        views.append(View(name, parts))
    return tuple(views)


def all_parts(views: Sequence[View]) -> tuple[EncoderSpec, ...]:
    """Every encoder of the views, once."""
    return tuple({part.key: part for view in views for part in view.parts}.values())


def _read_part(text: str, limits: Limits, store: Store | None, stored_as: str) -> EncoderSpec:
    name, _, pooling = text.partition(":")
    if name == GIVEN:
        raise ConfigError(
            f"{text!r}: vectors that were given with --features, no encoder; give some for these clips too"
        )
    if name == IMPORTED:
        if store is None:
            raise ConfigError(f"{text!r}: imported vectors are in a store, and none is used")
        fingerprint = find_imported(store, pooling)
        return EncoderSpec(fingerprint.modality, IMPORTED, "", fingerprint)
    encoder = load_encoder(name)
    fingerprint = replace(encoder.fingerprint, stored_as=stored_as)
    if encoder.modality == "words":
        if pooling:
            raise ConfigError(f"encoder {text!r}: a text has one vector and nothing to pool; write {name!r}")
        return EncoderSpec(encoder.modality, name, "", fingerprint)
    pooling = pooling or encoder.pooling
    if pooling not in POOLINGS:
        raise ConfigError(f"encoder {text!r}: pooling {pooling!r} is unknown; there are {', '.join(POOLINGS)}")
    heard = f"{pooling} of windows within 40 dB of the loudest" if encoder.modality == "sound" else pooling
    pooled = replace(fingerprint, pooling=heard, max_seconds=float(limits.max_seconds))
    return EncoderSpec(encoder.modality, name, pooling, pooled)
