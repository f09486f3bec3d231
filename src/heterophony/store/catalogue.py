"""What is in a store: its shelves, what made them, and whether they are whole."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from heterophony.encoders import Fingerprint
from heterophony.errors import StoreError
from heterophony.store.fingerprint_file import read_fingerprint
from heterophony.store.numbers import some_of
from heterophony.store.shelf import Shelf, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One shelf of a store.

    Attributes:
        folder: Its name is the digest of the fingerprint.
        fingerprint: What made the vectors; None where that cannot be read.
        rows: Vectors; 0 if it is damaged.
        dim: Numbers per vector; 0 if there are none.
        shards: Pairs of files.
        size: Bytes of all files.
        written: When the last shard was written, in UTC (ISO 8601, to the second); empty if there is none.
        damage: What is wrong with it and what to do; empty if it is whole.
    """

    folder: Path
    fingerprint: Fingerprint | None
    rows: int
    dim: int
    shards: int
    size: int
    written: str
    damage: str

    def record(self) -> dict[str, object]:
        """All of it for JSON; what is unknown is None."""
        return {
            "digest": self.folder.name,
            "rows": self.rows,
            "dim": self.dim,
            "shards": self.shards,
            "bytes": self.size,
            "written": self.written or None,
            "damage": self.damage or None,
            "fingerprint": asdict(self.fingerprint) if self.fingerprint else None,
        }


def list_shelves(store: Store) -> list[Entry]:
    """Every shelf, by encoder and digest; a damaged one is listed with what is wrong with it.

    Raises:
        OSError: The folder cannot be read.
    """
    entries = [_entry(folder) for folder in _folders(store)]
    return sorted(entries, key=lambda one: (one.fingerprint.encoder if one.fingerprint else "", one.folder.name))


def find_folder(store: Store, name: str) -> Path:
    """The folder of the shelf that is called by the beginning of its digest, or by its encoder if no other has that.

    Raises:
        StoreError: There is none, or more than one; the message lists what there is.
    """
    folders = _folders(store)
    found = [folder for folder in folders if folder.name.startswith(name)] if name else []
    found = found or [folder for folder in folders if _encoder_of(folder) == name]
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(f"{store.folder}: no shelf {name!r}; there are: {_told(folders) or 'none'}")
    raise StoreError(f"{store.folder}: {name!r} may be any of {_told(found)}; write more of the digest")


def open_shelf(folder: Path) -> Shelf:
    """The shelf in a folder, with the fingerprint that lies there.

    Raises:
        StoreError: It is damaged, or its folder is not named by its fingerprint.
    """
    fingerprint = read_fingerprint(folder)
    if fingerprint is None:
        raise StoreError(f"{folder}: there is no fingerprint.json; delete the folder")
    if fingerprint.digest != folder.name:
        raise StoreError(
            f"{folder}: its fingerprint has the digest {fingerprint.digest}, so that it is never found; another "
            "version of heterophony wrote it, or it was changed by hand; delete the folder"
        )
    return Store(folder.parent).shelf(fingerprint)


def why_different(store: Store, one: str, other: str) -> list[tuple[str, object, object]]:
    """(Field, value of one, value of the other) for all that differs between the fingerprints of two shelves.

    Args:
        store: Where both are.
        one: As in `find_folder`.
        other: As in `find_folder`.

    Raises:
        StoreError: A shelf is not there, or has no fingerprint.
    """
    mine, theirs = (asdict(_fingerprint_in(find_folder(store, name))) for name in (one, other))
    return [(key, mine[key], theirs[key]) for key in mine if mine[key] != theirs[key]]


def _fingerprint_in(folder: Path) -> Fingerprint:
    fingerprint = read_fingerprint(folder)
    if fingerprint is None:
        raise StoreError(f"{folder}: there is no fingerprint.json; delete the folder")
    return fingerprint


def _folders(store: Store) -> list[Path]:
    if not store.folder.is_dir():
        return []
    return sorted(path for path in store.folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _encoder_of(folder: Path) -> str | None:
    try:
        fingerprint = read_fingerprint(folder)
    except StoreError:
        return None
    return fingerprint.encoder if fingerprint else None


def _told(folders: Sequence[Path]) -> str:
    return some_of([f"{folder.name} ({_encoder_of(folder) or 'damaged'})" for folder in folders])


def _entry(folder: Path) -> Entry:
    fingerprint, damage, rows, dim = None, "", 0, 0
    try:
        fingerprint = read_fingerprint(folder)
        shelf = open_shelf(folder)
        dim = shelf.check()
        rows = len(shelf)
    except StoreError as error:
        damage = str(error)
    files = [path.stat() for path in folder.iterdir() if path.is_file()]
    indexes = [path.stat().st_mtime for path in folder.glob("shard-*.parquet")]
    return Entry(
        folder=folder,
        fingerprint=fingerprint,
        rows=rows,
        dim=dim,
        shards=len(indexes),
        size=sum(file.st_size for file in files),
        written=datetime.fromtimestamp(max(indexes), UTC).isoformat(timespec="seconds") if indexes else "",
        damage=damage,
    )
