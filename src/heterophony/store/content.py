"""Keys of the store: what a file or a text contains, not what it is called."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from heterophony.clips import Clip


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits, read in pieces.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def clip_key(clip: Clip, content: Callable[[Path], str] = content_hash) -> str | None:
    """What the vectors of sound and pictures of a clip are kept under; None for a row of words only.

    The content of its file; where its pictures lie in another one, or where it is a stretch of its files, the hash of
    all that its vectors depend on.

    Args:
        clip: The clip.
        content: Gives the hash of a file.

    Raises:
        OSError: A file cannot be read.
    """
    if clip.path is None:
        return None
    own = content(clip.path)
    if clip.pictures_path is None and clip.stretch is None:
        return own
    pictures = "" if clip.pictures_path is None else content(clip.pictures_path)
    stretch = "" if clip.stretch is None else " ".join(map(repr, clip.stretch))
    return text_hash(f"{own}\n{pictures}\n{stretch}")


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8 (halves of surrogate pairs as they are), 64 hex digits.

    >>> text_hash("rain")[:8]
    '319b44c5'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
