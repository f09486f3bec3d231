"""What lies behind the predictions of a fold: attention, the vectors before fusion and after it."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Bool, Float16, Float32, Num

from heterophony.errors import AlignmentError, InputError

FILE = "evidence_test.npz"
COMPONENTS = 50
"""Of the vectors before fusion; van der Maaten and Hinton (JMLR 9, 2008, section 4.2) draw t-SNE from as many."""

_ARRAYS = ("ids", "modalities", "present", "attention", "before", "latent")


@dataclass(frozen=True, eq=False)
class Evidence:
    """One row per test sample of one fold.

    Attributes:
        ids: Of the samples.
        modalities: The columns of `present` and `attention`.
        present: What each sample has.
        attention: Weight of each modality, >= 0, rows sum to 1, 0 where absent; the mean over the networks.
        before: The input vectors of all modalities as their principal components, see `principal`; no columns where
            the vectors are not at hand.
        latent: The vector after fusion, in front of the heads, of the first network.

    Raises:
        AlignmentError: The parts differ in length.
    """

    ids: tuple[str, ...]
    modalities: tuple[str, ...]
    present: Bool[np.ndarray, "rows modalities"]
    attention: Float32[np.ndarray, "rows modalities"]
    before: Float16[np.ndarray, "rows components"]
    latent: Float16[np.ndarray, "rows dim"]

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in _ARRAYS if name != "modalities"}
        if len(set(lengths.values())) > 1:
            raise AlignmentError(f"evidence: parts of unequal length, {lengths}; give one row per id")

    def save(self, path: Path) -> None:
        """Writes one compressed .npz without pickle; a reader sees the whole file or none."""
        arrays: dict[str, Any] = {name: getattr(self, name) for name in _ARRAYS}
        arrays |= {name: np.array(arrays[name], dtype=np.str_) for name in ("ids", "modalities")}
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
            np.savez_compressed(stream, allow_pickle=False, **arrays)
        Path(stream.name).chmod(0o644)
        Path(stream.name).replace(path)

    @classmethod
    def load(cls, path: Path) -> "Evidence":
        """Reads what `save` wrote.

        Raises:
            InputError: The file is no such thing.
        """
        try:
            with np.load(path, allow_pickle=False) as archive:
                found: dict[str, Any] = {name: archive[name] for name in _ARRAYS}
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise InputError(f"{path}: no evidence ({error}); wanted an .npz with {', '.join(_ARRAYS)}") from error
        return cls(**found | {name: tuple(found[name].tolist()) for name in ("ids", "modalities")})


def principal(x: Num[np.ndarray, "rows dim"], count: int = COMPONENTS) -> Float16[np.ndarray, "rows components"]:
    """The first principal components, at most `count`, so scaled that the widest has standard deviation 1.

    The sign of each is such that its largest loading is positive, so that the same rows give the same picture.
    """
    if not x.size:
        return np.zeros((len(x), 0), dtype=np.float16)
    centred = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    u, size, loading = np.linalg.svd(centred, full_matrices=False)
    kept = min(count, int((size > 1e-9 * max(1.0, size.max())).sum()))
    largest = np.take_along_axis(loading, np.abs(loading).argmax(axis=1)[:, None], axis=1)[:, 0]
    scores = (u * size * np.sign(largest))[:, :kept]
    spread = scores.std(axis=0).max(initial=0.0)
    return np.asarray(scores / (spread or 1.0), dtype=np.float16)
