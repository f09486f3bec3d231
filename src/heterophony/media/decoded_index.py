"""The index of a decoding: written when its two files are complete, read with a look at their lengths."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Int64, UInt8

from heterophony.errors import InputError
from heterophony.media.decode_file import Cut
from heterophony.media.decoded import FRAMES, SOUND, Decoded
from heterophony.media.form import Form
from heterophony.media.wanted import BYTES_PER_SAMPLE, Looks, Wanted

INDEX = "index.npz"

_NUMBERS = ("sound_at", "sound_length", "frames_at", "frames_length")


def indexed(folder: Path, wanted: Wanted, cuts: Sequence[Cut]) -> Decoded:
    """The rows of a decoding; the cut of each says where it lies in the two files of the folder."""
    sample = wanted.sound.channels * BYTES_PER_SAMPLE if wanted.sound else 1
    second = wanted.looks.bytes_per_second if wanted.looks else 1
    digest = hashlib.sha256(json.dumps(asdict(wanted)).encode())
    for cut in cuts:
        held = [(span.size, span.digest.hex()) if span else None for span in (cut.sound, cut.frames)]
        digest.update(json.dumps([*held, bool(cut.reason)]).encode())
    return Decoded(
        folder=folder,
        wanted=wanted,
        sound_at=_numbers([cut.sound.start // sample if cut.sound else -1 for cut in cuts]),
        sound_length=_numbers([cut.sound.size // sample if cut.sound else 0 for cut in cuts]),
        frames_at=_numbers([cut.frames.start // second if cut.frames else -1 for cut in cuts]),
        frames_length=_numbers([cut.frames.size // second if cut.frames else 0 for cut in cuts]),
        reasons=tuple(cut.reason for cut in cuts),
        digest=digest.digest(),
    )


def save_index(decoded: Decoded) -> None:
    """Writes the index beside the two files.

    Raises:
        OSError: It cannot be written.
    """
    texts = json.dumps({"wanted": asdict(decoded.wanted), "reasons": decoded.reasons}).encode()
    numbers = {name: getattr(decoded, name) for name in _NUMBERS}
    with (decoded.folder / INDEX).open("wb") as file:
        np.savez(file, texts=_bytes(texts), digest=_bytes(decoded.digest), **numbers)
        file.flush()
        os.fsync(file.fileno())


def open_decoded(folder: Path) -> Decoded:
    """What `decode` has left in a folder.

    Raises:
        InputError: Something of it is missing or has another length than the index says.
    """
    try:
        with (folder / INDEX).open("rb") as file, np.load(file, allow_pickle=False) as index:
            texts = json.loads(index["texts"].tobytes())
            numbers = {name: index[name] for name in _NUMBERS}
            decoded = Decoded(
                folder=folder,
                wanted=_wanted(texts["wanted"]),
                reasons=tuple(texts["reasons"]),
                digest=index["digest"].tobytes(),
                **numbers,
            )
        found = [(folder / name).stat().st_size for name in (SOUND, FRAMES)]
    except (OSError, KeyError, ValueError, BadZipFile) as error:
        raise InputError(f"{folder}: is no complete decoding ({error}); remove it, it is made again") from error
    for name, size, wanted in zip((SOUND, FRAMES), found, _sizes(decoded), strict=True):
        if size != wanted:
            raise InputError(
                f"{folder / name}: {size} bytes, the index says {wanted}; remove the folder, it is made again"
            )
    return decoded


def _sizes(decoded: Decoded) -> tuple[int, int]:
    """Bytes of the file of sound and of that of pictures, by the index."""
    form, looks = decoded.wanted.sound, decoded.wanted.looks
    samples = int((decoded.sound_at + decoded.sound_length).max(initial=0))
    seconds = int((decoded.frames_at + decoded.frames_length).max(initial=0))
    return (
        samples * form.channels * BYTES_PER_SAMPLE if form else 0,
        seconds * looks.bytes_per_second if looks else 0,
    )


def _wanted(told: dict[str, Any]) -> Wanted:
    sound, looks = told["sound"], told["looks"]
    return Wanted(
        sound=Form(**sound) if sound else None,
        looks=Looks(tuple(looks["times"]), looks["size"], looks["fit"]) if looks else None,
    )


def _bytes(content: bytes) -> UInt8[np.ndarray, " n"]:
    return np.frombuffer(content, np.uint8)


def _numbers(values: Sequence[int]) -> Int64[np.ndarray, " rows"]:
    return np.array(values, dtype=np.int64)
