"""The main job: recordings and their words to rows of results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float32, Float64

from heterophony.clips import Clip
from heterophony.media import Limits
from heterophony.predictions import softmax
from heterophony.recipes.neighbourhoods import neighbourhoods
from heterophony.recipes.protocol import protocol_of
from heterophony.recipes.samples import Samples, samples_of
from heterophony.recipes.trained import Said, Trained, has_just, subsets
from heterophony.report import Result
from heterophony.store import Embedded, Store, embed_clips

BLOCK = 4096
"""Rows that are in memory as arrays at one time."""


def classify(
    clips: Sequence[Clip],
    model: Trained,
    store: Store | None = None,
    *,
    workers: int = 0,
    limits: Limits | None = None,
    use_words: bool = True,
    engine: str = "local",
    progress: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """One row per clip, in their order. What cannot be used is refused, with empty predictions, and the reason said.

    Args:
        clips: What to classify; their words count before tags in the file, and these before the file's name.
        model: A trained recipe.
        store: Where embeddings are kept; None keeps none.
        workers: Processes that decode and encode; 0 does it in this one.
        limits: Of each file.
        use_words: False listens only.
        engine: Where decoding and encoding are done; see `store.embed_clips`.
        progress: Called with (done, all).
    """
    encoders: dict[str, str] = {name: spec.encoder for name, spec in model.recipe.modalities.items()}
    embedded = embed_clips(
        clips,
        encoders,
        store,
        workers=workers,
        limits=limits,
        words="anything" if use_words else "none",
        engine=engine,
        progress=progress,
    )
    rows: list[Result] = []
    block = max(1, len(embedded)) if protocol_of(model.recipe) == "clip" else BLOCK  # a clip is not parted
    for start in range(0, len(embedded), block):
        rows += _classify_block(embedded[start : start + block], model)
    return rows


def _classify_block(embedded: Sequence[Embedded], model: Trained) -> list[Result]:
    usable = [one for one in embedded if one.status != "refused"]
    rows = iter(_results(usable, model) if usable else [])
    return [next(rows) if one.status != "refused" else _refused(one) for one in embedded]


def _refused(one: Embedded) -> Result:
    name = one.clip.file_name or one.clip.id
    return Result(file_name=name, status=f"refused: {_reason(one)}", title=one.title)


def _reason(one: Embedded) -> str:
    """Why it was refused, without the name that the row has anyway."""
    clip = one.clip
    known = {f"{name}: " for name in (str(clip.path), clip.file_name, clip.id)}
    return next((one.reason.removeprefix(name) for name in known if one.reason.startswith(name)), one.reason)


def _results(embedded: Sequence[Embedded], model: Trained) -> list[Result]:
    samples = samples_of(embedded, model.dims, None)
    batch = model.table(samples)
    said = model.say(batch)
    probabilities = calibrated(model, samples, said)
    alone = {name: model.say(batch, (name,)).logits for name in model.dims}
    rows = [_result(row, one, model, probabilities[row], said, alone) for row, one in enumerate(embedded)]
    near = neighbourhoods(model, batch)
    return [replace(row, neighbourhood=found) for row, found in zip(rows, near, strict=True)]


def calibrated(model: Trained, samples: Samples, said: Said) -> Float64[np.ndarray, "rows classes"]:
    """Probabilities, each row with the temperature of the modalities that it has."""
    probabilities = np.full(said.logits.shape, np.nan)
    for some in subsets(tuple(model.dims)):
        rows = np.flatnonzero(has_just(samples, some))
        if len(rows):
            probabilities[rows] = softmax(said.logits[rows], model.temperature(some))
    return probabilities


def _result(
    row: int,
    one: Embedded,
    model: Trained,
    probability: Float64[np.ndarray, " classes"],
    said: Said,
    alone: Mapping[str, Float32[np.ndarray, "rows classes"]],
) -> Result:
    """One row of the answer. The top level is that of the likeliest class, its probability that of all its classes."""
    classes, order = model.taxonomy.classes, np.argsort(-probability, kind="stable")
    top = model.taxonomy.top_of[order[0]]
    guesses = [(classes[c], float(probability[c])) for c in order[:3]] + [(None, None)] * 2
    (first, first_p), (second, second_p), (third, third_p) = guesses[:3]
    return Result(
        file_name=one.clip.file_name or one.clip.id,
        status=f"partial: {one.reason}" if one.status == "partial" else "ok",
        top=model.taxonomy.tops[top],
        top_probability=min(1.0, float(probability[np.array(model.taxonomy.top_of) == top].sum())),
        class_=first,
        class_probability=first_p,
        second=second,
        second_probability=second_p,
        third=third,
        third_probability=third_p,
        class_from_sound=_class_alone("sound", row, one, model, alone),
        class_from_words=_class_alone("words", row, one, model, alone),
        weight_sound=_weight("sound", row, one, said),
        weight_words=_weight("words", row, one, said),
        title=one.title,
    )


def _class_alone(
    modality: str, row: int, one: Embedded, model: Trained, alone: Mapping[str, Float32[np.ndarray, "rows classes"]]
) -> str | None:
    """What the model would say if the clip had nothing else; None where it has no such modality."""
    return model.taxonomy.classes[int(alone[modality][row].argmax())] if modality in one.vectors else None


def _weight(modality: str, row: int, one: Embedded, said: Said) -> float | None:
    return float(np.clip(said.attention[modality][row], 0, 1)) if modality in one.vectors else None
