"""`fingerprint.json`: what made the vectors of a shelf, in full, beside them."""

import json
from dataclasses import asdict
from pathlib import Path

from heterophony.encoders import Fingerprint
from heterophony.errors import StoreError
from heterophony.store.new_file import new_file


def read_fingerprint(folder: Path) -> Fingerprint | None:
    """The fingerprint in the folder of a shelf; None if there is none.

    Raises:
        StoreError: It cannot be read as one.
    """
    path = folder / "fingerprint.json"
    if not path.is_file():
        return None
    try:
        return fingerprint_from(path.read_text(encoding="utf-8"))
    except (ValueError, TypeError) as error:
        raise StoreError(f"{path}: not a fingerprint ({error}); delete the folder or use another store") from error


def write_fingerprint(folder: Path, fingerprint: Fingerprint) -> None:
    """Puts it into the folder, unless one is there."""
    path = folder / "fingerprint.json"
    if not path.is_file():
        with new_file(path) as file:
            file.write(json.dumps(asdict(fingerprint), indent=1).encode())


def fingerprint_from(text: str) -> Fingerprint:
    """A fingerprint from JSON.

    Raises:
        ValueError: The text is not JSON.
        TypeError: It is not an object with the fields of a fingerprint.
    """
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise TypeError(f"an object was wanted, {type(fields).__name__} came")
    return Fingerprint(**fields)
