"""What the folds of a run share: `leakage.json` with the scores that are left without it, and a sentence per check.

Checks: `source` (clips cut from one recording), `group` (uploader, place), and every modality by its vectors. The keys
of the file are explained in docs/rooms/metrics.md.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from heterophony.clips.source import source_in
from heterophony.metrics.leakage import Twins, same_key, scores_without
from heterophony.metrics.near_duplicates import NEAR, near_duplicates
from heterophony.predictions import Predictions
from heterophony.recipes.inputs import stacked
from heterophony.recipes.prepare import Prepared
from heterophony.recipes.samples import Samples
from heterophony.taxonomy import Taxonomy

FILE = "leakage.json"
NOTABLE = 0.01
"""Share of the tested rows from which on a check is told without being asked for."""
SCORES = ("accuracy", "hierarchical_f1")
MOST_PAIRS = 20
_WHAT = {
    "source": "have a training row that was cut from the same recording",
    "group": "are of a group (uploader, place) that training has too",
}

Known = dict[bytes, Twins]
"""What was found already, by what was compared: recipes of a sweep share rows and folds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaks:
    """What the folds of a run share.

    Attributes:
        ids: One per row: those that are parted into folds, then those beside the collection.
        target: Class index; -1 where unknown.
        checks: Name of a check to what it found.
    """

    ids: tuple[str, ...]
    target: Int[np.ndarray, " rows"]
    checks: Mapping[str, Twins]

    def sentences(self) -> dict[str, str]:
        """Check to what is to be said of it, without scores."""
        return {name: _sentence(name, _counts(self, twins)) for name, twins in self.checks.items()}

    def notable(self, said: Mapping[str, str] | None = None) -> list[str]:
        """The sentences (those without scores, or `said`) of the checks that a share of `NOTABLE` rows fail."""
        said = self.sentences() if said is None else said
        return [f"{name}: {said[name]}" for name, twins in self.checks.items() if _share(twins) >= NOTABLE]


def find_leaks(ready: Prepared, known: Known | None = None) -> Leaks:
    """Compares the tested rows of every fold with all others, those of other data sets among them.

    A modality that is fine-tuned has no vectors before training and is left out. So are augmented copies: they train
    only where their clips do, which are compared.

    Args:
        ready: Rows and folds.
        known: What was found before; what is found now is added.
    """
    known = {} if known is None else known
    extra = _without_copies(ready)
    samples = ready.samples if extra is None else stacked(ready.samples, extra)
    beside = [] if extra is None else [source_in(key) for key in extra.ids]
    fold = np.concatenate([ready.split.fold, np.full(len(beside), -1, dtype=np.int64)])
    checks = {"source": same_key([*ready.origins, *beside], samples.target, fold)}
    if any(group is not None for group in ready.samples.groups):
        checks["group"] = same_key(samples.groups, samples.target, fold)
    for name, x in samples.vectors.items():
        if x.dtype != np.float32:
            continue
        there = samples.present[name]
        what = hashlib.sha256(b"".join((x.tobytes(), there.tobytes(), fold.tobytes()))).digest()
        if what not in known:
            known[what] = near_duplicates(x, there, fold)
        checks[name] = known[what]
    return Leaks(ids=samples.ids, target=samples.target, checks=checks)


def _without_copies(ready: Prepared) -> Samples | None:
    """The rows beside the collection that are no copies of it."""
    if ready.extra is None:
        return None
    copies = {name for name, spec in ready.task.recipe.extra.items() if spec.copies}
    return ready.extra.take(np.array([row for row, name in enumerate(ready.extra.sources) if name not in copies], int))


def write_leaks(leaks: Leaks, predictions: Predictions, taxonomy: Taxonomy, out: Path) -> dict[str, str]:
    """Writes `leakage.json` into the folder of a run, and gives a sentence for each check.

    Args:
        leaks: What was found.
        predictions: Of the test rows, the folds that are done.
        taxonomy: Its classes.
        out: The folder.
    """
    checks: dict[str, dict[str, Any]] = {}
    for name, twins in leaks.checks.items():
        doubtful = {leaks.ids[row] for row in np.flatnonzero(twins.doubtful)}
        scores = scores_without(predictions, taxonomy, doubtful, SCORES)
        found = _counts(leaks, twins)
        found["scores"] = {key: {"all": every, "without": rest} for key, (every, rest) in scores.items()}
        if name != "group":
            found["pairs"] = _pairs(leaks, twins)
        checks[name] = found
    text = {name: _sentence(name, found) for name, found in checks.items()}
    content = {"threshold": NEAR, "text": text, "checks": checks}
    (out / FILE).write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return text


def read_sentences(out: Path) -> dict[str, str]:
    """What `write_leaks` gave, from the folder."""
    text: dict[str, str] = json.loads((out / FILE).read_text(encoding="utf-8"))["text"]
    return text


def _share(twins: Twins) -> float:
    return float(twins.doubtful.sum() / max(int(twins.known.sum()), 1))


def _counts(leaks: Leaks, twins: Twins) -> dict[str, Any]:
    rows = np.flatnonzero(twins.doubtful)
    alike = leaks.target[rows] == leaks.target[twins.twin[rows]]
    return {
        "tested": int(twins.known.sum()),
        "doubtful": len(rows),
        "share": round(_share(twins), 6),
        "equal": int(twins.equal.sum()),
        "same_label": int(alike.sum()),
    }


def _pairs(leaks: Leaks, twins: Twins) -> list[dict[str, Any]]:
    """The most similar pairs, best first."""
    rows = np.flatnonzero(twins.doubtful)
    best = rows[np.argsort(-np.nan_to_num(twins.cosine[rows]), kind="stable")][:MOST_PAIRS]
    return [
        {
            "test": leaks.ids[row],
            "train": leaks.ids[twins.twin[row]],
            "cosine": None if np.isnan(twins.cosine[row]) else round(float(twins.cosine[row]), 6),
            "same_label": bool(leaks.target[row] == leaks.target[twins.twin[row]]),
        }
        for row in best.tolist()
    ]


def _sentence(name: str, found: Mapping[str, Any]) -> str:
    what = _WHAT.get(name, f"have a near-duplicate in training (cosine {NEAR} or more)")
    equal = f"{found['equal']} equal, " if name not in _WHAT else ""
    text = f"{found['doubtful']} of {found['tested']} test rows ({100 * found['share']:.1f} %) {what}"
    if not found["doubtful"]:
        return text
    scores = found.get("scores", {}).get("accuracy")
    rest = "" if scores is None else f"; accuracy {_percent(scores['all'])}, without them {_percent(scores['without'])}"
    return f"{text}, {equal}{found['same_label']} of the same class{rest}"


def _percent(value: float | None) -> str:
    return "unknown: none is left" if value is None else f"{100 * value:.1f} %"
