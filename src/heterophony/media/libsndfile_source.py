"""Decoding with libsndfile (WAV, AIFF, FLAC, Ogg, MP3 and a dozen others)."""

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Float32

from heterophony.errors import MediaError
from heterophony.media.ogg_end import ogg_is_complete
from heterophony.media.quiet import quiet_stderr
from heterophony.media.source import Source

BLOCK_SAMPLES = 2**16
BLOCK_FRAMES = 2**14
BLOCK_SECONDS = 60
# What libsndfile's log says of a chunk that promises more than the file holds.
_CUT_CHUNK = re.compile(r"^\s*(?:data|SSND)\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE)
# Sizes that recorders write when they cannot know the length: they promise nothing.
_UNKNOWN_BYTES = (range(1), range(0x7FFF0000, 0x80000000), range(0xFFFF0000, 0x100000000))
_PLAIN_REASONS = {
    "Internal error : SF_INFO struct incomplete": "its header states an impossible rate (0 Hz?) or number of channels",
    "File does not exist or is not a regular file": "no MPEG frame found",
    "Format not recognised": "no format that it knows",
}


@contextmanager
def open_with_libsndfile(path: Path) -> Iterator[Source]:
    """Open a recording and decode its first block.

    Raises:
        MediaError: libsndfile does not know the format or gets no sample out of it; the message is the reason alone.
    """
    with quiet_stderr():
        try:
            sound = soundfile.SoundFile(os.fsencode(path))
        except soundfile.LibsndfileError as error:
            raise MediaError(_plain(error)) from error
        except (OSError, ValueError, TypeError) as error:  # names and headers that soundfile itself cannot take
            raise MediaError(str(error)) from error
    # After each block soundfile seeks to where it is anyway. In an MP3 that loses the bit reservoir and damages the
    # next frames (an error of 0.36 of full scale on a pure tone), and in a cut FLAC it fails: read strictly forward.
    sound.seekable = _never
    with sound:
        problems: list[str] = []
        blocks = _blocks(sound, problems)
        first = next(blocks, None)
        if first is None:
            raise MediaError("; ".join(problems) or "no samples")
        if sound.format == "OGG" and not ogg_is_complete(path):
            problems.append("the file ends before its Ogg stream does")
        yield Source(
            rate_hz=sound.samplerate,
            channels=sound.channels,
            promised=_promised(sound),
            blocks=_chain(first, blocks),
            problems=problems,
        )


def _blocks(sound: soundfile.SoundFile, problems: list[str]) -> Iterator[Float32[np.ndarray, "frames channels"]]:
    frames = max(1, min(BLOCK_FRAMES, BLOCK_SAMPLES // sound.channels, BLOCK_SECONDS * sound.samplerate))
    room = np.empty((frames, sound.channels), np.float32)
    silence = quiet_stderr if sound.format == "MP3" else _no_noise
    while True:
        try:
            with silence():
                block = sound.read(out=room)
        except soundfile.LibsndfileError as error:
            problems.append(f"libsndfile: {_plain(error)}")
            return
        if not len(block):
            return
        yield block


def _never() -> bool:
    return False


def _no_noise() -> AbstractContextManager[None]:
    return nullcontext()


def _chain(
    first: Float32[np.ndarray, "frames channels"], rest: Iterator[Float32[np.ndarray, "frames channels"]]
) -> Iterator[Float32[np.ndarray, "frames channels"]]:
    yield first
    yield from rest


def _promised(sound: soundfile.SoundFile) -> int | None:
    """Frames by the header: what libsndfile says, or more where it found a chunk cut off and shortened it."""
    cut = _CUT_CHUNK.search(sound.extra_info)
    if cut is None:
        return int(sound.frames)
    promised, there = int(cut[1]), int(cut[2])
    if there == 0 or any(promised in sizes for sizes in _UNKNOWN_BYTES):
        return None
    return round(int(sound.frames) * promised / there)


def _plain(error: soundfile.LibsndfileError) -> str:
    said = str(error.error_string).strip().rstrip(".")
    return next((plain for start, plain in _PLAIN_REASONS.items() if said.startswith(start)), said)
