"""Whether an Ogg file is whole: its pages are numbered, summed and closed (RFC 3533, section 6)."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_CAPTURE = b"OggS"
_HEADER_BYTES = 27
_FIRST_PAGE_FLAG, _LAST_PAGE_FLAG = 0x02, 0x04
# A page holds at most 255 segments of 255 bytes, after its header and its table of segments.
_LONGEST_PAGE_BYTES = _HEADER_BYTES + 255 + 255 * 255
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(slots=True)
class _Streams:
    """What is known of the streams of a file: which are open, what comes next in each, how many came one after another.

    Streams that begin side by side (sound and picture) are one link of a chain.
    """

    next_number: dict[bytes, int] = field(default_factory=dict)
    links: int = 0
    beginning: bool = False
    lost: int = 0

    def take(self, page: bytes) -> None:
        """Count a whole page."""
        flags, serial, number = page[5], page[14:18], int.from_bytes(page[18:22], "little")
        if flags & _FIRST_PAGE_FLAG:
            self.links += not self.beginning
            self.beginning = True
        elif serial in self.next_number:
            self.beginning = False
            self.lost += max(0, number - self.next_number[serial])
        else:  # of a stream that never began, or has ended
            self.lost += 1
            return
        self.next_number[serial] = number + 1
        if flags & _LAST_PAGE_FLAG:
            del self.next_number[serial]


def ogg_problems(path: Path) -> list[str]:
    """What is wrong with the pages of an Ogg file. Decoders leave damaged pages out and say nothing.

    Args:
        path: An Ogg file.
    """
    streams = _Streams()
    with path.open("rb") as file:
        for page in _pages(file):
            streams.take(page)
    problems = []
    if streams.lost:
        problems.append(f"damaged or missing pages of its Ogg stream: {streams.lost}")
    if streams.next_number or not streams.links:
        problems.append("the file ends before its Ogg stream does")
    if streams.links > 1:
        problems.append(f"only the first of {streams.links} Ogg streams was read")
    return problems


def _pages(file: BinaryIO) -> Iterator[bytes]:
    """Every page that is there to its last byte and has the right sum; the others leave gaps in the numbers."""
    held = b""
    while True:
        held += file.read(2 * _LONGEST_PAGE_BYTES - len(held))
        if len(held) < _HEADER_BYTES:
            return
        table = held[_HEADER_BYTES : _HEADER_BYTES + held[26]]
        page = held[: _HEADER_BYTES + held[26] + sum(table)]
        if held.startswith(_CAPTURE) and ogg_sum(page) == page[22:26]:
            yield page
            held = held[len(page) :]
        else:
            following = held.find(_CAPTURE, 1)
            held = held[following:] if following > 0 else held[1 - len(_CAPTURE) :]


def ogg_sum(page: bytes) -> bytes:
    """The checksum of a page, as it stands in its header, computed with zeros in that place.

    It has the polynomial of zlib's CRC-32, but takes bits in the other order and inverts nothing.
    """
    mirrored = (page[:22] + bytes(4) + page[26:]).translate(_MIRRORED)
    crc = zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{crc:032b}"[::-1], 2).to_bytes(4, "little")
