"""Keys of the store: what a file or a text contains, not what it is called."""

import hashlib
from pathlib import Path


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits, read in pieces.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8 (halves of surrogate pairs as they are), 64 hex digits.

    >>> text_hash("rain")[:8]
    '319b44c5'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
