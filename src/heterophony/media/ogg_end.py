"""Whether an Ogg file was cut off: a whole one ends with a page that says so (RFC 3533, section 6)."""

from pathlib import Path

_CAPTURE = b"OggS"
_HEADER_BYTES = 27
_LAST_PAGE_FLAG = 0x04
# A page holds at most 255 segments of 255 bytes, after its header and its table of segments.
_LONGEST_PAGE_BYTES = _HEADER_BYTES + 255 + 255 * 255


def ogg_is_complete(path: Path) -> bool:
    """Whether the last page of an Ogg file carries the end-of-stream flag and is there to its last byte.

    Args:
        path: An Ogg file.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 2 * _LONGEST_PAGE_BYTES))
        tail = file.read()
    start = tail.rfind(_CAPTURE)
    page = tail[start:] if start >= 0 else b""
    if len(page) < _HEADER_BYTES:
        return False
    segments = page[26]
    table = page[_HEADER_BYTES : _HEADER_BYTES + segments]
    whole = len(table) == segments and len(page) >= _HEADER_BYTES + segments + sum(table)
    return whole and bool(page[5] & _LAST_PAGE_FLAG)
