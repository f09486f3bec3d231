"""Vectors that somebody else made (being written)."""

from heterophony.encoders import Fingerprint
from heterophony.errors import StoreError
from heterophony.store.shelf import Store


def id_key(clip_id: str) -> str:
    """The key of an imported vector."""
    return f"id:{clip_id}"


def find_imported(store: Store, name: str) -> Fingerprint:
    """The fingerprint of what was imported under `name`."""
    raise StoreError(f"{store.folder}: nothing was imported as {name!r}")
