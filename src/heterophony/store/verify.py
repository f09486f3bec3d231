"""Are the stored vectors what the files give today? A sample is computed again, in a store of its own, and compared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from jaxtyping import Float64

from heterophony.clips import Clip
from heterophony.encoders import Fingerprint
from heterophony.errors import StoreError
from heterophony.media import Limits
from heterophony.store.catalogue import list_shelves, open_shelf
from heterophony.store.content import clip_key, content_hash, text_hash
from heterophony.store.embed import Embedded, embed_clips
from heterophony.store.import_folder import VERSION as IMPORTED
from heterophony.store.shelf import Shelf, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far the stored vectors of one shelf are from those that were computed again.

    Attributes:
        digest: Of the shelf.
        encoder: With its pooling, as `embed_clips` takes it.
        checked: Vectors that were compared.
        identical: Of these, those that are the same to the bit.
        max_difference: Largest absolute difference of two numbers.
        min_cosine: Least cosine between stored and new vector.
        worst: Name of the file with the least cosine.
        refused: Files that are on the shelf but give no vector today, each with the reason.
        skipped: Why nothing was compared; empty if something was.
    """

    digest: str
    encoder: str
    checked: int = 0
    identical: int = 0
    max_difference: float = 0.0
    min_cosine: float = 1.0
    worst: str = ""
    refused: tuple[str, ...] = ()
    skipped: str = ""

    def within(self, tolerance: float) -> bool:
        """Whether every file gave a vector with a cosine of at least 1 - tolerance."""
        return not self.refused and (self.checked == self.identical or self.min_cosine >= 1.0 - tolerance)


def verify_shelves(
    shelves: Sequence[Shelf], clips: Sequence[Clip], *, sample: int = 20, seed: int = 0, workers: int = 0
) -> list[Drift]:
    """Computes up to `sample` vectors of each shelf again.

    A sample is drawn from the clips whose content is on the shelf. The text that a words encoder read is known only
    when it reads again, so there it is drawn from all clips, and those that are not on the shelf do not count.

    Args:
        shelves: What to check.
        clips: Files and words that the vectors came from; renamed files are known by their content.
        sample: How many clips, at most.
        seed: Of the drawing.
        workers: As `embed_clips`.

    Raises:
        ConfigError: An encoder is none of this version.
        ModelError: Weights are not here or are not the expected ones.
        StoreError: A shelf is damaged.
    """
    order = np.random.default_rng(seed).permutation(len(clips)).tolist()
    drawn = [clips[at] for at in order]
    key_of = partial(_key, cache(content_hash))
    return [_verify(shelf, drawn, sample, key_of, workers) for shelf in shelves]


def encoder_text(fingerprint: Fingerprint) -> str:
    """The encoder and its pooling as `embed_clips` takes them, e.g. `yamnet:mean`."""
    if fingerprint.modality == "words":
        return fingerprint.encoder
    return f"{fingerprint.encoder}:{fingerprint.pooling.partition(' ')[0]}"


def _key(content: Callable[[Path], str], clip: Clip) -> str | None:
    """The key of a clip; None where it has no file, or one that cannot be read."""
    try:
        return clip_key(clip, content)
    except OSError:
        return None


def _verify(
    shelf: Shelf, drawn: Sequence[Clip], sample: int, key_of: Callable[[Clip], str | None], workers: int
) -> Drift:
    fingerprint = shelf.fingerprint
    drift = Drift(digest=fingerprint.digest, encoder=encoder_text(fingerprint))
    if fingerprint.version == IMPORTED:
        return replace(drift, skipped="imported: there is nothing to compute it again with")
    chosen = list(drawn[:sample]) if fingerprint.modality == "words" else _on_shelf(shelf, drawn, sample, key_of)
    if not chosen:
        return replace(drift, skipped="none of the files is on it; name files that were embedded with it")
    with TemporaryDirectory() as folder:
        again = Store(Path(folder))
        limits = replace(Limits(), max_seconds=fingerprint.max_seconds) if fingerprint.max_seconds else Limits()
        embedded = embed_clips(
            chosen, {fingerprint.modality: drift.encoder}, again, workers=workers, limits=limits,
            stored_as=fingerprint.stored_as,
        )  # fmt: skip
        changed = _changed(again, fingerprint)
        if changed:
            return replace(drift, skipped=f"this version makes other vectors ({changed}); embed the files again")
        return _compare(drift, shelf, again.shelf(fingerprint), _names(embedded, fingerprint.modality, key_of))


def _on_shelf(shelf: Shelf, drawn: Sequence[Clip], sample: int, key_of: Callable[[Clip], str | None]) -> list[Clip]:
    """The first `sample` clips whose content is on the shelf; no file is read that is not needed."""
    chosen: list[Clip] = []
    for clip in drawn:
        if len(chosen) == sample:
            break
        key = key_of(clip)
        if key is not None and not shelf.missing([key]):
            chosen.append(clip)
    return chosen


def _changed(again: Store, fingerprint: Fingerprint) -> str:
    """How the fingerprint of what was made now differs; empty if it does not, or nothing could be made."""
    made = [open_shelf(entry.folder).fingerprint for entry in list_shelves(again)]
    return "; ".join(fingerprint.differences(made[0])) if made else ""


def _names(
    embedded: Sequence[Embedded], modality: str, key_of: Callable[[Clip], str | None]
) -> dict[str, tuple[str, str]]:
    """Key to (name of the file or id, reason why it was refused or "")."""
    names: dict[str, tuple[str, str]] = {}
    for one in embedded:
        key = text_hash(one.words) if modality == "words" else key_of(one.clip)
        if key is not None:
            names[key] = (one.clip.file_name or one.clip.id, one.reason if one.status == "refused" else "")
    return names


def _compare(drift: Drift, stored: Shelf, again: Shelf, names: Mapping[str, tuple[str, str]]) -> Drift:
    there = sorted(set(names) - set(stored.missing(list(names))))
    gone = set(again.missing(there))
    refused = tuple(f"{names[key][0]}: {names[key][1] or 'gives no vector'}" for key in there if key in gone)
    keys = [key for key in there if key not in gone]
    if not keys:
        said = f"none of {len(names)} texts is on it; name files that were embedded with it"
        return replace(drift, refused=refused, skipped="" if refused else said)
    old, new = stored.get(keys)[0], again.get(keys)[0]
    if old.shape != new.shape:
        raise StoreError(f"{stored.folder}: vectors here have {old.shape[1]} numbers, those made now {new.shape[1]}")
    cosines = _cosines(old.astype(np.float64), new.astype(np.float64))
    return replace(
        drift,
        refused=refused,
        checked=len(keys),
        identical=sum(one.tobytes() == other.tobytes() for one, other in zip(old, new, strict=True)),
        max_difference=float(np.abs(old - new).max()),
        min_cosine=float(cosines.min()),
        worst=names[keys[int(cosines.argmin())]][0],
    )


def _cosines(one: Float64[np.ndarray, "n dim"], other: Float64[np.ndarray, "n dim"]) -> Float64[np.ndarray, " n"]:
    """Row by row; 1 for two vectors of zeros, 0 for one."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines: Float64[np.ndarray, " n"] = (one == other).all(axis=1).astype(np.float64)
    np.divide((one * other).sum(axis=1), lengths, out=cosines, where=lengths > 0)
    return cosines
