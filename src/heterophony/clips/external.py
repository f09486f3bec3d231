"""Clips of ESC-50 and FSD50K as more training clips of BSD10k: class by map, overlaps out, words without the leak.

The rules are those of the audio-text report's Table 5 (audio_text.md 4.8). In that work every external clip got one
fixed phrase per class as its text, so that the text branch alone could tell the label; here that is done only if asked
for by name, and by default the clips have no words at all. The phrase is the class's readable name: the report's own
phrases are not known.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from heterophony.clips.clip import Clip
from heterophony.clips.found import Found
from heterophony.clips.label_map import refuse_unknown_label
from heterophony.errors import ConfigError
from heterophony.taxonomy import BST

WORDS = ("none", "phrase", "own")


def external_clips(
    clips: Iterable[Clip],
    label_map: Mapping[str, str | None],
    exclude_ids: Collection[str],
    *,
    classes: Collection[str] = (),
    words: str = "none",
) -> Found:
    """Choose and label external clips.

    A clip is kept when all of its labels that have a class have the same one; labels without class do not count. Then
    other classes than `classes` are dropped, then what is in `exclude_ids`. Ids stay as they are (vectors are found
    by them): an FSD50K id is a Freesound id, so name BSD35k-CS's ids in `exclude_ids` too if it trains beside.

    Args:
        clips: Of one data set, as `read_esc50` or `read_fsd50k` gives them: a label, or several in
            `columns["labels"]`, and `columns["freesound_id"]` (without it the id counts).
        label_map: Label → class or None; see `read_label_map`.
        exclude_ids: Freesound ids that must not come in: all of BSD10k's, not only those of the training fold.
        classes: Only these; empty: all. The report's "weak" rows are of sp-c and ss-i.
        words: "none": no words, so that the modality is absent (leak-free). "phrase": one fixed phrase per class as
            title, which tells the label. "own": title, tags and description as the data set has them.

    Returns:
        Clips with classes of the Broad Sound Taxonomy, in the order given. `dropped` counts by reason.

    Raises:
        ConfigError: The way of words is unknown, or one of `classes` is not in the taxonomy.
        InputError: A clip has a label that the map does not list.
    """
    for key in classes:
        if key not in BST.classes:
            raise ConfigError(f"external clips of the class {key!r}; there are {', '.join(BST.classes)}")
    if words not in WORDS:
        raise ConfigError(f"words {words!r} of external clips; there are {', '.join(WORDS)}")
    excluded = frozenset(exclude_ids)
    kept: list[Clip] = []
    dropped: Counter[str] = Counter()
    for clip in clips:
        mapped = _mapped(clip, label_map)
        if reason := _reason(clip, mapped, classes, excluded):
            dropped[reason] += 1
        else:
            kept.append(_labelled(clip, mapped.pop(), words))
    return Found(tuple(kept), dict(dropped))


def _mapped(clip: Clip, label_map: Mapping[str, str | None]) -> set[str]:
    """The classes of a clip's labels."""
    labels = [label for label in clip.columns.get("labels", clip.label or "").split(",") if label]
    for label in labels:
        refuse_unknown_label(label, label_map, f"clip {clip.id}")
    return {key for label in labels if (key := label_map[label]) is not None}


def _reason(clip: Clip, mapped: set[str], classes: Collection[str], excluded: frozenset[str]) -> str:
    """Why a clip is dropped; "" if it is not."""
    if len(mapped) != 1:
        return "its labels name several classes" if mapped else "none of its labels has a class"
    if classes and mapped.isdisjoint(classes):
        return "a class that is not wanted"
    known = (clip.columns.get("freesound_id") or clip.id) in excluded
    return "the same Freesound sound is in the data set" if known else ""


def _labelled(clip: Clip, label: str, words: str) -> Clip:
    clip = replace(clip, label=label, label_top=BST.top(label), fold=None)
    if words == "own":
        return clip
    title = BST.readable(label) if words == "phrase" else None
    return replace(clip, title=title, tags=None, description=None)
