"""What a model sees of the other test samples when it answers to one: numbers of different protocols do not compare.

Source: audio_visual.md A.7 and A.8. "transductive": all of them, while it is trained. "clip": those of its own clip.
Otherwise none.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
import yaml
from jaxtyping import Int64
from torch import Tensor

from heterophony.clips import clip_of, is_segment
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import GraphSpec, Recipe

ALONE = "each sample alone"
SEES = {
    ALONE: "sees no other test sample",
    "clip": "sees the test samples of the same clip",
    "transductive": "sees all test samples, without labels, while it is trained",
}
"""Protocol to what an answer depends on."""


def protocol_of(recipe: Recipe) -> str:
    """A name in `SEES`."""
    model = recipe.model
    return model.protocol if isinstance(model, GraphSpec) and model.protocol != "inductive" else ALONE


def protocol_of_run(path: Path) -> str | None:
    """The protocol of a run by the recipe in its folder; None where that is not known (a table of another tool).

    An old recipe need not be one that this version could run: only these words of it are read.
    """
    file = path / "recipe.yaml"
    if not file.is_file():
        return None
    raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    model = raw.get("model", {}) if isinstance(raw, dict) else {}
    found = str(model.get("protocol", ALONE)) if isinstance(model, dict) else ALONE
    return found if found in SEES else ALONE


def warning_of(protocol: str | None) -> str:
    """A sentence that must stand beside a number whose answers saw other test samples; "" where they saw none.

    >>> warning_of("clip")  # doctest: +ELLIPSIS
    'Protocol clip: each answer sees the test samples of the same clip; a new sample alone has less to go by, ...'
    """
    if protocol is None or protocol == ALONE:
        return ""
    return (
        f"Protocol {protocol}: each answer {SEES[protocol]}; a new sample alone has less to go by, and the scores do "
        "not compare with those of models that see one at a time."
    )


def unlike(protocols: Mapping[str, str | None]) -> str:
    """A sentence where tables are of different protocols; "" where all are of one, or nothing is known.

    >>> unlike({"a": "clip", "b": "clip", "c": None})
    ''
    >>> unlike({"a": "transductive", "b": "each sample alone"})  # doctest: +ELLIPSIS
    'not like for like: a (transductive) sees all test samples, ...; b (each sample alone) sees no other test sample'
    """
    known = {name: protocol for name, protocol in protocols.items() if protocol is not None}
    if len(set(known.values())) < 2:
        return ""
    return "not like for like: " + "; ".join(f"{name} ({one}) {SEES[one]}" for name, one in known.items())


def seen_together(recipe: Recipe, samples: Samples) -> Int64[Tensor, " rows"] | None:
    """Which rows see each other: number of the clip of each, for models of the clip protocol; None for others.

    A row that is a segment belongs to the clip that it was cut from, any other to its group, a row without to itself.
    """
    if protocol_of(recipe) != "clip":
        return None
    rows = zip(samples.ids, samples.groups, strict=True)
    names = [("clip", clip_of(key)) if is_segment(key) else ("group", group) for key, group in rows]
    number: dict[tuple[str, str | None], int] = {}
    clips = [
        number.setdefault(name if name[1] is not None else ("row", str(row)), len(number))
        for row, name in enumerate(names)
    ]
    return torch.tensor(clips, dtype=torch.int64)
