"""Decoding with libsndfile (WAV, AIFF, FLAC, Ogg, MP3 and a dozen others)."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from io import BufferedReader
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Float32

from heterophony.errors import MediaError
from heterophony.media.ogg_pages import ogg_problems
from heterophony.media.quiet import quiet_stderr
from heterophony.media.sound_length import UNKNOWN_FRAMES, goes_on, promised_frames
from heterophony.media.source import Source

BLOCK_SAMPLES = 2**16
BLOCK_FRAMES = 2**14
BLOCK_SECONDS = 60
# Kinds of samples that stand for themselves, or need only the packet before: after a seek they are the same to the bit.
_EXACT = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")
_PLAIN_REASONS = {
    "File does not exist or is not a regular file": "no MPEG frame found",
    "Internal error : SF_INFO struct incomplete": "its header states an impossible rate (0 Hz?) or number of channels",
    "Format not recognised": "no format that it knows",
}


@contextmanager
def open_with_libsndfile(path: Path, start: float = 0.0) -> Iterator[Source]:
    """Open a recording and decode its first block, at `start` where that gives the same samples, else at its beginning.

    Args:
        path: Any file.
        start: In seconds since the beginning of the recording; what lies before is not needed.

    Raises:
        MediaError: libsndfile does not know the format or gets no sample out of it; the message is the reason alone.
    """
    with path.open("rb") as file, ExitStack() as stack:
        sound = stack.enter_context(_opened(path, file))
        faults = ogg_problems(path) if sound.format == "OGG" else []
        skipped = _skip(sound, 0.0 if faults else start)
        if skipped is None:
            file.seek(0)
            sound, skipped = stack.enter_context(_opened(path, file)), 0
        problems: list[str] = []
        blocks = _blocks(sound, problems)
        first = next(blocks, None)
        if first is None and not skipped:
            raise MediaError("; ".join(problems) or "no samples")
        problems.extend(faults)
        yield Source(
            rate_hz=sound.samplerate,
            channels=sound.channels,
            promised=promised_frames(path, sound),
            blocks=blocks if first is None else _chain(first, blocks),
            problems=problems,
            skipped=skipped,
            goes_on=partial(goes_on, file, sound) if sound.name == file.fileno() else None,
        )


def _opened(path: Path, file: BufferedReader) -> soundfile.SoundFile:
    """The file without its name, as of one that ends in .vox or .gsm libsndfile would take anything for sound.

    Only in what is called .mp3 it may look further for the first frame.
    """
    with quiet_stderr():
        try:
            sound = _sound(file.fileno())
        except MediaError:
            if path.suffix.lower() != ".mp3":
                raise
            sound = _sound(os.fsencode(path))
    # After each block soundfile seeks to where it is anyway. In an MP3 that loses the bit reservoir and damages the
    # next frames (an error of 0.36 of full scale on a pure tone), and in a cut FLAC it fails: read strictly forward.
    sound.seekable = _never
    return sound


def _skip(sound: soundfile.SoundFile, start: float) -> int | None:
    """Goes to the frame at `start` seconds and gives its number; 0 where it stays at the beginning, as in MP3.

    None where it tried and failed: the file is cut off before, or damaged, and must be opened anew.
    """
    frame = round(start * sound.samplerate)
    exact = sound.subtype == "VORBIS" if sound.format == "OGG" else sound.subtype in _EXACT
    if not exact or not 0 < frame < sound.frames or sound.frames == UNKNOWN_FRAMES:
        return 0
    try:
        return int(sound.seek(frame))
    except soundfile.LibsndfileError:
        return None


def _sound(target: int | bytes) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(target, closefd=False)
    except soundfile.LibsndfileError as error:
        raise MediaError(_plain(error)) from error
    except (OSError, ValueError, TypeError) as error:  # names and headers that soundfile itself cannot take
        raise MediaError(str(error)) from error


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


def _plain(error: soundfile.LibsndfileError) -> str:
    said = str(error.error_string).strip().rstrip(".")
    return next((plain for start, plain in _PLAIN_REASONS.items() if said.startswith(start)), said)
