"""The augmented copies of one recording."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from heterophony.augment import WAVEFORM_AUGMENTATIONS, Perturbation, SameClassMix
from heterophony.augment.waveform import Waveform
from heterophony.clips import Clip
from heterophony.errors import ConfigError, MediaError
from heterophony.media import Form, Limits, SoundStreams
from heterophony.media.video_source import has_picture
from heterophony.recipes.copy_ids import copy_id

STEREO = Form(48_000, 2)


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


def copies_of(
    clip: Clip, alike: Sequence[Clip], settings: CopySettings, folder: Path, place: int
) -> Iterator[dict[str, str] | MediaError]:
    """Writes the copies of one clip; gives their rows for the manifest, and why some could not be made.

    Args:
        clip: With a label.
        alike: All recordings of its class.
        settings: Which copies.
        folder: Where they go.
        place: Number of the clip, which names the files.
    """
    try:
        x = _read(clip, settings.form)
    except MediaError as error:
        yield error
        return
    shown = _pictures(clip, folder)
    partners = [other for other in alike if other.path != clip.path]  # no other row of the same recording
    for name in settings.operations:
        try:
            for number in range(settings.copies):
                path = folder / f"{name}-{place:06d}-{number}.wav"
                yield shown | _copy(clip, x, name, number, partners, settings, path)
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


def _pictures(clip: Clip, folder: Path) -> dict[str, str]:
    """The manifest's cell for the file of the clip's pictures, as seen from the folder; none where it has none."""
    path = clip.pictures_path or clip.path
    if path is None or (clip.pictures_path is None and not has_picture(path, Limits())):
        return {}
    return {"pictures_file_name": os.path.relpath(path.parent.resolve() / path.name, folder.resolve())}


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
