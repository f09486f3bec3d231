"""The test clips of one fold on a plane, before fusion and after it: neighbours there are neighbours in the network.

As Figure 2 of the paper on multimodal graph fusion shows its embeddings.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Num

from heterophony.predictions.evidence import Evidence
from heterophony.report.planes import SIZE, Method, describe, place, purity
from heterophony.report.results_file import printable
from heterophony.report.run_record import NotShown, RunRecord
from heterophony.report.sunburst import FAMILIES

TITLE = "Map of the embeddings"
FEWEST = 12
"""Points below which a map says nothing."""


@dataclass(frozen=True)
class Point:
    """One clip in units of the drawing: place, colour, whether the answer was right, hover text."""

    x: float
    y: float
    family: int
    right: bool
    text: str


@dataclass(frozen=True)
class Plane:
    """One drawing.

    Attributes:
        title: Which vectors.
        points: The clips.
        labels: Names of classes (or tops) at the middle of their points: (x, y, colour, name), none upon another.
        purity: Share of the clips whose nearest neighbour among those vectors has the same class, 0..1.
    """

    title: str
    points: list[Point]
    labels: list[tuple[float, float, int, str]]
    purity: float


@dataclass(frozen=True)
class EmbeddingMap:
    """The two drawings: `fold` they are of, clips `shown` of `all`, `method` in words; `chance`: purity of chance."""

    fold: int
    shown: int
    all: int
    method: str
    chance: float
    planes: list[Plane]


def embedding_map(record: RunRecord, method: Method, most: int, seed: int = 0) -> EmbeddingMap | NotShown:
    """The map of the first fold that left evidence.

    Args:
        record: The run.
        method: "none" draws nothing.
        most: Points in a drawing; of more clips a random part is drawn.
        seed: Of that part and of the method.

    Raises:
        ConfigError: There is no such method.
        MissingExtraError: UMAP is not installed.
    """
    if method == "none":
        return NotShown(TITLE, f"it takes some seconds to draw and was not asked for: {record.how_to_add}")
    if not record.evidence:
        return NotShown(TITLE, "this run left no evidence_test.npz: it is of a sweep, an ensemble or an older version")
    fold, evidence = min(record.evidence.items())
    rows = np.arange(len(evidence.ids))
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False))
    if len(rows) < FEWEST:
        return NotShown(TITLE, f"fold {fold} has {len(rows)} test clips; a map needs {FEWEST}")
    target = dict(zip(record.main.ids, record.main.target.tolist(), strict=True))
    labels = np.array([target.get(evidence.ids[row], -1) for row in rows], dtype=np.int64)
    parts = [("Before fusion: the input vectors", evidence.before), ("After fusion: the latent", evidence.latent)]
    planes = [
        _plane(title, vectors[rows].astype(np.float64), rows, record, evidence, method, seed)
        for title, vectors in parts
        if vectors.shape[1] >= 2
    ]
    share = np.bincount(labels[labels >= 0]) / max(1, int((labels >= 0).sum()))
    return EmbeddingMap(
        fold, len(rows), len(evidence.ids), describe(method, len(rows), seed), float(share @ share), planes
    )


def _plane(
    title: str,
    x: Float64[np.ndarray, "rows dim"],
    rows: Num[np.ndarray, " rows"],
    record: RunRecord,
    evidence: Evidence,
    method: Method,
    seed: int,
) -> Plane:
    main, tree = record.main, record.taxonomy
    row_of = {key: row for row, key in enumerate(main.ids)}
    at = place(x, method, seed)
    label, points = [], []
    for (left, down), row in zip(at.tolist(), rows.tolist(), strict=True):
        key = evidence.ids[row]
        known = row_of.get(key, -1)
        truth = int(main.target[known]) if known >= 0 else -1
        said = int(main.logits[known].argmax()) if known >= 0 else -1
        label.append(truth)
        names = [_name(record, one) for one in (truth, said)]
        text = f"{printable(key)}: {names[0]}" + ("" if truth == said else f", called {names[1]}")
        family = tree.top_of[truth] % FAMILIES if truth >= 0 else -1
        points.append(Point(round(left, 1), round(down, 1), family, truth == said, text))
    return Plane(title, points, _labels(at, np.array(label), record), purity(x, np.array(label)))


def _name(record: RunRecord, label: int) -> str:
    key = record.taxonomy.classes[label] if label >= 0 else "unknown"
    return record.taxonomy.names.get(key, key)


def _labels(
    at: Float64[np.ndarray, "rows 2"], label: Num[np.ndarray, " rows"], record: RunRecord
) -> list[tuple[float, float, int, str]]:
    """Names of classes at the median of their points, the largest classes first; what would overlap is left out."""
    tree = record.taxonomy
    made: list[tuple[float, float, int, str]] = []
    sizes = np.bincount(label[label >= 0], minlength=tree.n_classes)
    for one in np.argsort(-sizes, kind="stable").tolist():
        if not sizes[one]:
            continue
        name = _name(record, one)
        name = name if len(name) <= 22 else name[:21].rstrip() + "…"
        half = 3.1 * len(name) + 4
        middle = np.median(at[label == one], axis=0)
        x, y = float(np.clip(middle[0], half, SIZE - half)), float(np.clip(middle[1], 10, SIZE - 6))
        if all(abs(x - other[0]) > half + 3.1 * len(other[3]) or abs(y - other[1]) > 13 for other in made):
            made.append((round(x, 1), round(y, 1), tree.top_of[one] % FAMILIES, name))
    return made
