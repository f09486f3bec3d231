"""Vectors that somebody else made: a folder of `<id>.npy`, as the DCASE challenge ships its CLAP vectors.

Their keys are ids and not contents, and what made them is only told. So the content of the folder is part of the
fingerprint, and one name stands for one content.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from heterophony.encoders import Fingerprint
from heterophony.errors import InputError, StoreError
from heterophony.store.fingerprint_file import read_fingerprint
from heterophony.store.shelf import Store
from heterophony.store.vectors_folder import check_ids, check_norms, read_vectors_folder

VERSION = "imported"
MODALITIES = ("sound", "words", "pictures")
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Imported:
    """What was imported.

    Attributes:
        fingerprint: Of the shelf.
        rows: Vectors in the folder.
        dim: Numbers per vector.
        norms: The least, mean and largest norm.
        new: Whether they were not in the store before.
    """

    fingerprint: Fingerprint
    rows: int
    dim: int
    norms: tuple[float, float, float]
    new: bool


def id_key(clip_id: str) -> str:
    """The key of an imported vector.

    >>> id_key("1234")
    'id:1234'
    """
    return f"id:{clip_id}"


def imported_fingerprint(name: str, modality: str, content: str) -> Fingerprint:
    """What stands for imported vectors.

    Args:
        name: What the user calls them.
        modality: "sound", "words" or "pictures".
        content: Stands for the ids and vectors.
    """
    return Fingerprint(
        encoder=name, version=VERSION, modality=modality, weights_sha256="", decoder=f"imported: {content}"
    )


def find_imported(store: Store, name: str) -> Fingerprint:
    """The fingerprint of what was imported under `name`.

    Raises:
        StoreError: Nothing was, or two different things were.
    """
    found = _imported(store)
    named = [one for one in found if one.encoder == name]
    if len(named) == 1:
        return named[0]
    if not named:
        there = ", ".join(sorted({one.encoder for one in found})) or "nothing"
        raise StoreError(
            f"{store.folder}: nothing was imported as {name!r}, only {there}; "
            f"`heterophony store import FOLDER --name {name}` does it"
        )
    digests = " and ".join(one.digest for one in named)
    raise StoreError(
        f"{store.folder}: different vectors were imported as {name!r}: {digests}; "
        "delete the folder of those that you do not want"
    )


def refuse_other(store: Store, fingerprint: Fingerprint) -> None:
    """Makes sure that one imported name stands for one content; our own encoders are not its concern.

    Raises:
        StoreError: Something else was imported under this name.
    """
    for other in _imported(store) if fingerprint.version == VERSION else ():
        if other.encoder == fingerprint.encoder and other != fingerprint:
            raise StoreError(
                f"{store.folder / other.digest}: other vectors were imported as {other.encoder!r} before "
                f"({'; '.join(fingerprint.differences(other))}); choose another --name, or delete that folder"
            )


def import_folder(
    store: Store,
    folder: Path,
    name: str,
    modality: str,
    *,
    dim: int | None = None,
    unit: bool = False,
    ids: Path | None = None,
) -> Imported:
    """Puts a folder of `<id>.npy` into the store, all or nothing: every file is checked before one is stored.

    Args:
        store: Where to.
        folder: Each `.npy` in it is one float32 vector `[dim]` or `[1, dim]`; other files are left alone.
        name: What to call them; recipes write `imported:NAME`.
        modality: "sound", "words" or "pictures".
        dim: Numbers per vector; None takes what the first file has.
        unit: Whether all norms must be 1 within 0.001.
        ids: A table with a column `id` or `sound_id`: there must be one file for each, and no other.

    Raises:
        InputError: A file is no such vector, a norm is off, ids are missing or too many, or the name is none.
        StoreError: Other vectors were imported under this name.
    """
    if not _NAME.fullmatch(name) or modality not in MODALITIES:
        raise InputError(
            f"{name!r} of {modality!r}: a name has only letters, digits and _ . + -, and is of {', '.join(MODALITIES)}"
        )
    vectors = read_vectors_folder(folder, dim)
    if ids is not None:
        check_ids(vectors, ids)
    if unit:
        check_norms(vectors)
    fingerprint = imported_fingerprint(name, modality, vectors.content)
    refuse_other(store, fingerprint)
    shelf = store.shelf(fingerprint)
    keys = [id_key(path.stem) for path in vectors.files]
    new = bool(shelf.missing(keys))
    if new:
        shelf.add_blocks(keys, vectors.blocks(), [""] * len(keys), vectors.dim)
    norms = (float(vectors.norms.min()), float(vectors.norms.mean()), float(vectors.norms.max()))
    return Imported(fingerprint, len(keys), vectors.dim, norms, new)


def _imported(store: Store) -> list[Fingerprint]:
    """The fingerprints of all that was imported, and can be read."""
    found: list[Fingerprint] = []
    for folder in sorted(store.folder.iterdir()) if store.folder.is_dir() else ():
        try:
            fingerprint = read_fingerprint(folder)
        except StoreError:  # another shelf's damage; `heterophony store ls` tells it
            continue
        if fingerprint is not None and fingerprint.version == VERSION:
            found.append(fingerprint)
    return found
