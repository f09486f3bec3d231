"""Augmented copies of recordings, written once, to be trained on beside them.

The offline part of the audio augmentation of Wang et al., 2022, section 2.2.1: each operation makes one more copy of
the training set. Copies are rows of another data set (`extra: {NAME: {copies: true}}`): each enters the training rows
of a fold only where all that went into it are training rows there, and none is ever tested.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from heterophony.augment import WAVEFORM_AUGMENTATIONS, Perturbation, SameClassMix
from heterophony.augment.waveform import Waveform
from heterophony.clips import Clip
from heterophony.errors import ConfigError, InputError, MediaError
from heterophony.media import Form, SoundStreams
from heterophony.recipes.copy_ids import copy_id

MANIFEST = "copies.csv"
STEREO = Form(48_000, 2)
COLUMNS = ("id", "file_name", "title", "tags", "description", "label", "label_top", "group", "confidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySettings:
    """Which copies are made.

    Attributes:
        operations: Names in `WAVEFORM_AUGMENTATIONS`, with their default numbers, which are the paper's.
        copies: Of each clip by each operation, >= 1.
        seed: Of all of them. A copy's own generator comes from it and the copy's clip, operation and number, so a copy
            does not depend on which others are made; a mix depends on the list of its class.
        form: Rate and channels of the copies.

    Raises:
        ConfigError: No or an unknown operation, or no copies.
    """

    operations: tuple[str, ...] = tuple(WAVEFORM_AUGMENTATIONS)
    copies: int = 1
    seed: int = 1821
    form: Form = STEREO

    def __post_init__(self) -> None:
        unknown = [name for name in self.operations if name not in WAVEFORM_AUGMENTATIONS]
        if unknown or not self.operations or len(set(self.operations)) < len(self.operations):
            there = ", ".join(WAVEFORM_AUGMENTATIONS)
            raise ConfigError(f"operations {', '.join(self.operations) or '(none)'}; wanted some of {there}, each once")
        if self.copies < 1:
            raise ConfigError(f"copies must be at least 1, is {self.copies}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """What was written.

    Attributes:
        manifest: Its table; one row per copy, with label, words and group of its clip.
        written: How many copies.
        refused: Clips that have none, or not all, with the reason.
    """

    manifest: Path
    written: int
    refused: tuple[tuple[str, str], ...]


def write_copies(
    clips: Sequence[Clip],
    settings: CopySettings,
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
) -> Copies:
    """Writes augmented copies as WAV (float32, so that nothing is clipped) and a manifest; same seed, same bytes.

    The recordings are read one after the other, in this process.

    A clip without a group is its own group in the manifest. Pictures are not copied.

    Args:
        clips: A labelled collection; rows without recording have no copies.
        settings: Which.
        folder: Made if it is not there.
        progress: Called with (done, all) clips.

    Raises:
        ConfigError: A clip has no label.
        InputError: The folder has a manifest of copies, or no copy could be made.
        MissingExtraError: librosa is not installed.
    """
    manifest = folder / MANIFEST
    if manifest.exists():
        raise InputError(f"{manifest}: copies are there already; name another folder, or delete that one")
    heard = [clip for clip in clips if clip.path is not None]
    others = _by_class(heard)
    rows: list[dict[str, str]] = []
    refused: list[tuple[str, str]] = []
    for number, clip in enumerate(heard):
        for copy in _copies(clip, others[clip.label], settings, folder, number):
            if isinstance(copy, MediaError):
                refused.append((clip.id, str(copy)))
            else:
                rows.append(copy)
        if progress is not None:
            progress(number + 1, len(heard))
    if not rows:
        raise InputError(f"no copy of {len(heard)} recordings could be made" + (f"; {refused[0][1]}" * bool(refused)))
    with manifest.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return Copies(manifest=manifest, written=len(rows), refused=tuple(refused))


def _by_class(clips: Sequence[Clip]) -> Mapping[str | None, Sequence[Clip]]:
    lacking = [clip.id for clip in clips if clip.label is None]
    if lacking:
        raise ConfigError(f"{len(lacking)} clips have no label: {', '.join(lacking[:8])}; copies are to be trained on")
    classes = defaultdict(list)
    for clip in clips:
        classes[clip.label].append(clip)
    return classes


def _copies(
    clip: Clip, alike: Sequence[Clip], settings: CopySettings, folder: Path, place: int
) -> Iterator[dict[str, str] | MediaError]:
    """Writes the copies of one clip; gives their rows, and why some could not be made."""
    try:
        x = _read(clip, settings.form)
    except MediaError as error:
        yield error
        return
    partners = [other for other in alike if other.id != clip.id]
    for name in settings.operations:
        try:
            for number in range(settings.copies):
                path = folder / f"{name}-{place:06d}-{number}.wav"
                yield _copy(clip, x, name, number, partners, settings, path)
        except MediaError as error:
            yield error


def _copy(
    clip: Clip, x: Waveform, name: str, number: int, partners: Sequence[Clip], settings: CopySettings, path: Path
) -> dict[str, str]:
    """Writes one copy and gives its row."""
    mixes = name == "same-class-mix"
    if mixes and not partners:
        raise MediaError(f"{clip.id}: the only recording of the class {clip.label}: there is none to mix it with")
    generator = torch.Generator().manual_seed(_seed(settings.seed, copy_id(clip.id, name, number)))
    part = _operation(name, partners, settings.form)
    drawn = part.draw(x, generator)
    _write(part.apply(x, drawn), settings.form.rate_hz, path)
    other = partners[drawn.other].id if mixes else None
    own = {key: getattr(clip, key) or "" for key in ("title", "tags", "description", "label", "label_top")}
    own |= {"group": clip.group or clip.id, "confidence": clip.columns.get("confidence", "")}
    return own | {"id": copy_id(clip.id, name, number, other), "file_name": path.name}


def _operation(name: str, partners: Sequence[Clip], form: Form) -> Perturbation[Waveform, Any]:
    if name == "same-class-mix":
        return SameClassMix(others=[partial(_read, other, form) for other in partners])
    return WAVEFORM_AUGMENTATIONS[name]()


def _seed(seed: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:8], "little") >> 1


def _read(clip: Clip, form: Form) -> Waveform:
    if clip.path is None:
        raise MediaError(f"{clip.id}: has no recording")
    blocks = [block for _, block in SoundStreams(clip.path, [form], stretch=clip.stretch)]
    samples = np.concatenate(blocks).reshape(-1, form.channels)
    return np.ascontiguousarray(samples.T)


def _write(x: Waveform, rate_hz: int, path: Path) -> None:
    from scipy.io import wavfile  # libsndfile writes the time of day into a file of floats

    path.parent.mkdir(parents=True, exist_ok=True)
    wavfile.write(path, rate_hz, x.T)
