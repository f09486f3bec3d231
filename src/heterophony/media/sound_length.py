"""What the header of a sound file says of its length, as libsndfile has read it, and what it is worth."""

import os
import re
from io import BufferedReader
from pathlib import Path

import soundfile

# What libsndfile's log says of a chunk that promises more than the file holds (WAV, AIFF; AU; W64).
_CUT_CHUNK = re.compile(r"^\s*(?:data|SSND|Data Size|riff)\s*: (\d+) \(should be (\d+)\)", re.MULTILINE)
_LOST_FRAMES = re.compile(r"does not match value from 'ds64' chunk of (\d+)")  # RF64
# Sizes that recorders write when they cannot know the length: they promise nothing.
_UNKNOWN_BYTES = (range(1), range(0x7FFF0000, 0x80000000), range(0xFFFF0000, 0x100000000))
# libsndfile's count where there is none.
UNKNOWN_FRAMES = 2**63 - 1
# The frame that tells the length of an MP3 comes first; without it libsndfile guesses.
_MP3_LENGTHS = (b"Xing", b"Info", b"VBRI")
_MP3_FIRST_FRAME_BYTES = 2**11
# More than so many bytes behind the stated end are not tags, but sound: WAV counts modulo 4 GiB.
_TAGS_AT_MOST = {"MP3": 2**12, "FLAC": 2**12, "WAV": 2**31}


def promised_frames(path: Path, sound: soundfile.SoundFile) -> int | None:
    """Frames by the header: what libsndfile says, or more where it found a chunk cut off and shortened it.

    Args:
        path: The file.
        sound: The same file, opened.

    Returns:
        None where the header promises nothing.
    """
    frames = int(sound.frames)
    if frames == UNKNOWN_FRAMES or (sound.format == "MP3" and not _mp3_states_its_length(path)):
        return None
    lost = _LOST_FRAMES.search(sound.extra_info)
    if lost is not None:
        return int(lost[1])
    cut = _CUT_CHUNK.search(sound.extra_info)
    if cut is None:
        return frames
    promised, there = int(cut[1]), int(cut[2])
    if there == 0 or any(promised in sizes for sizes in _UNKNOWN_BYTES):
        return None
    return round(frames * promised / there)


def goes_on(file: BufferedReader, sound: soundfile.SoundFile, frames: int) -> bool:
    """Whether sound follows behind the end that the header states.

    Args:
        file: The open file that libsndfile reads; where it stands is how far libsndfile has read.
        sound: The same.
        frames: How many were decoded.
    """
    unread = os.fstat(file.fileno()).st_size - os.lseek(file.fileno(), 0, os.SEEK_CUR)
    return frames >= sound.frames and unread > _TAGS_AT_MOST.get(sound.format, unread)


def _mp3_states_its_length(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(10)
        tag = 0
        if head.startswith(b"ID3"):  # comes before the first frame; seven bits of each byte are its size
            tag = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False))
        file.seek(tag)
        frame = file.read(_MP3_FIRST_FRAME_BYTES)
    return any(name in frame for name in _MP3_LENGTHS)
