"""The words around a recording as one line of text: one function for training and for use."""

import html
import re
from pathlib import PurePath

# An opening tag, a closing tag or a comment; "a < b" is none of them.
_HTML = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)
_BLANKS = re.compile(r"\s+")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[^\W\d_])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\W_]+")
_HASH = re.compile(r"(?=.*\d)[0-9a-f]{8,}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2}")


def join_words(title: str | None = None, tags: str | None = None, description: str | None = None) -> str:
    """Title, tags and description as one text, joined by ". ".

    HTML tags of the description become blanks and its entities characters; commas between tags become blanks,
    hyphens inside them stay; runs of white space become one blank; empty parts are left out.

    Args:
        title: The name of the sound, or None.
        tags: Tags separated by commas, or None.
        description: Free text, possibly with HTML, or None.

    Returns:
        One line; "" if there are no words at all.

    Example:
        >>> join_words("Rain", "field-recording,wet", "<b>Heavy</b>   rain &amp; wind")
        'Rain. field-recording wet. Heavy rain & wind'
    """
    plain = html.unescape(_HTML.sub(" ", description or ""))
    parts = (_one_line(part) for part in (title or "", (tags or "").replace(",", " "), plain))
    return ". ".join(part for part in parts if part)


def words_from_name(file_name: str) -> str:
    """The words in a file's name, for recordings that come with no other words.

    Folder and extension are taken off; the rest is split at everything that is not a letter or digit and inside
    camelCase; pure numbers and hashes (UUIDs, eight or more hexadecimal digits) are dropped.

    Args:
        file_name: A file name, with or without folders.

    Returns:
        Words separated by blanks; "" if no two letters in a row are left.

    Example:
        >>> words_from_name("fx/DogBark_small-room.03.wav")
        'Dog Bark small room'
    """
    stem = _UUID.sub(" ", PurePath(file_name.replace("\\", "/")).stem)
    parts = [part for part in _SEPARATORS.split(stem) if part and not part.isdigit() and not _HASH.fullmatch(part)]
    words = " ".join(_CAMEL.sub(" ", part) for part in parts)
    return words if _WORD.search(words) else ""


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
