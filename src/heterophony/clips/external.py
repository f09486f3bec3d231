"""Clips of ESC-50 and FSD50K as more training clips of BSD10k: class by map, overlaps out, words without the leak.

The rules are those of the audio-text report's Table 5 (audio_text.md 4.8). In that work every external clip got one
fixed phrase per class as its text, so that the text branch alone could tell the label; here that is done only if asked
for by name, and by default the clips have no words at all. The phrase is the class's readable name: the report's own
phrases are not known.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from heterophony.clips.clip import Clip
from heterophony.clips.found import Found
from heterophony.clips.label_map import refuse_unknown_label
from heterophony.errors import ConfigError
from heterophony.taxonomy import BST

WORDS = ("none", "phrase", "own")


@dataclass(frozen=True, slots=True)
class Strategy:
    """Which external clips, and how much each counts.

    Attributes:
        classes: Only these; None for all.
        weight: Of every external clip in the loss; 1 for BSD10k's own.
    """

    classes: frozenset[str] | None = None
    weight: float = 1.0


# The three of Table 5. All were trained with mixup 0.2 there.
STRATEGIES: dict[str, Strategy] = {
    "all": Strategy(),
    "weak": Strategy(classes=frozenset({"sp-c", "ss-i"})),
    "weighted": Strategy(weight=0.3),
}


def external_clips(
    clips: Iterable[Clip],
    label_map: Mapping[str, str | None],
    exclude_ids: Collection[str],
    *,
    strategy: str = "all",
    words: str = "none",
) -> Found:
    """Choose and label external clips.

    A clip is kept when all of its labels that have a class have the same one; labels without class do not count. Then
    what the strategy does not take is dropped, then what is in `exclude_ids`. Ids stay as they are (vectors are found
    by them): an FSD50K id is a Freesound id, so name BSD35k-CS's ids in `exclude_ids` too if it trains beside.

    Args:
        clips: Of one data set, as `read_esc50` or `read_fsd50k` gives them: a label, or several in
            `columns["labels"]`, and `columns["freesound_id"]`.
        label_map: Label → class or None; see `read_label_map`.
        exclude_ids: Freesound ids that must not come in: all of BSD10k's, not only those of the training fold.
        strategy: A name in `STRATEGIES`; its weight is for the caller to apply, by `columns["source"]`.
        words: "none": no words, so that the modality is absent (leak-free). "phrase": one fixed phrase per class as
            title, which tells the label. "own": title, tags and description as the data set has them.

    Returns:
        Clips with classes of the Broad Sound Taxonomy, in the order given. `dropped` counts by reason.

    Raises:
        ConfigError: The strategy or the way of words is unknown.
        InputError: A clip has a label that the map does not list.
    """
    if strategy not in STRATEGIES:
        raise ConfigError(f"no strategy is called {strategy!r}; there are {', '.join(STRATEGIES)}")
    if words not in WORDS:
        raise ConfigError(f"words {words!r} of external clips; there are {', '.join(WORDS)}")
    classes = STRATEGIES[strategy].classes
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


def _reason(clip: Clip, mapped: set[str], classes: frozenset[str] | None, excluded: frozenset[str]) -> str:
    """Why a clip is dropped; "" if it is not."""
    if len(mapped) != 1:
        return "its labels name several classes" if mapped else "none of its labels has a class"
    if classes is not None and mapped.isdisjoint(classes):
        return "a class that the strategy does not take"
    return "the same Freesound sound is in the data set" if clip.columns.get("freesound_id") in excluded else ""


def _labelled(clip: Clip, label: str, words: str) -> Clip:
    clip = replace(clip, label=label, label_top=BST.top(label), fold=None)
    if words == "own":
        return clip
    title = BST.readable(label) if words == "phrase" else None
    return replace(clip, title=title, tags=None, description=None)
