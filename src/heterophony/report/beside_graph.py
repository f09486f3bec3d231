"""What stands beside the number of a graph model: the same vectors without a graph, a graph with nothing trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heterophony.errors import InputError
from heterophony.metrics import evaluate_folds, mean_and_spread, paired_difference
from heterophony.predictions import Predictions
from heterophony.report.run_record import RunRecord

TITLES = {
    "mlp": ("Plain network", "the same vectors side by side, no graph"),
    "hatr": ("HATR", "the same vectors under attention, no graph"),
    "mlp-smoothed": ("Plain network, smoothed", "its answers averaged over the graph's neighbours, nothing trained"),
    "mlp-corrected-and-smoothed": (
        "Plain network, corrected and smoothed",
        "its errors on the training rows, then its answers, spread over the graph",
    ),
    "no-edges-in-groups": ("This model, no edges in groups", "what is left when a group cannot help itself"),
}
"""Name of a file (`control_<name>.npz`) to what it is called and what it is."""


@dataclass(frozen=True)
class Beside:
    """One line: `accuracy` and `log_loss` as (mean, spread), `difference` to the run in points, all as text."""

    title: str
    what: str
    accuracy: tuple[str, str]
    log_loss: tuple[str, str]
    difference: str


@dataclass(frozen=True)
class NeighbourLine:
    """The neighbours of the test rows by one modality: how many, and shares as text; "–" where nothing is known."""

    modality: str
    neighbours: str
    homophily: str
    expected: str
    same_group: str
    training: str


@dataclass(frozen=True)
class BesideGraph:
    """The section: the run and its controls, and who the neighbours are."""

    lines: list[Beside]
    neighbours: list[NeighbourLine]


def beside_graph(record: RunRecord, draws: int, seed: int) -> BesideGraph | None:
    """The section of a graph model's run; None for other runs.

    Args:
        record: The run.
        draws: Resamples for the intervals of the differences, groups drawn whole where they are known.
        seed: Of the draws.

    Raises:
        AlignmentError: A control is of other clips than the run.
    """
    if not record.controls:
        return None
    lines = [_line(record, "This model", "the graph, trained", record.main, "")]
    for name, table in record.controls.items():
        title, what = TITLES.get(name, (name.replace("-", " "), ""))
        lines.append(_line(record, title, what, table, _difference(record, table, draws, seed)))
    neighbours = [_neighbours(name, folds) for name, folds in record.neighbours.items()]
    return BesideGraph(lines, neighbours)


def _line(record: RunRecord, title: str, what: str, table: Predictions, difference: str) -> Beside:
    scores = mean_and_spread(list(evaluate_folds(table, record.taxonomy, record.never_predicted).values()))
    (right, spread), (loss, loss_spread) = scores["accuracy"], scores["log_loss"]
    accuracy = (f"{100 * right:.2f}", f"± {100 * spread:.2f}")
    return Beside(title, what, accuracy, (f"{loss:.3f}", f"± {loss_spread:.3f}"), difference)


def _difference(record: RunRecord, table: Predictions, draws: int, seed: int) -> str:
    """Points of accuracy above this model, with the interval; without one where a fold has a single group."""
    group_of = dict(zip(record.main.ids, record.groups, strict=True))
    groups = [group_of.get(key) for key in table.ids]
    try:
        found = paired_difference(
            table, record.main, record.taxonomy, score="accuracy", groups=groups, draws=draws, seed=seed
        )
    except InputError:  # nothing can be drawn from a single group
        return "–"
    value, low, high = (f"{100 * number:+z.2f}" for number in (found.value, found.low, found.high))
    return f"{value} [{low}, {high}]"


def _neighbours(modality: str, folds: Sequence[Mapping[str, float]]) -> NeighbourLine:
    """Means over the folds in which something is known."""

    def mean(key: str) -> float | None:
        known = [float(fold[key]) for fold in folds if key in fold and not np.isnan(fold[key])]
        return float(np.mean(known)) if known else None

    shares = {key: mean(key) for key in ("homophily", "expected", "same_group", "training")}
    many = mean("neighbours")
    texts = {key: "–" if share is None else f"{100 * share:.0f} %" for key, share in shares.items()}
    return NeighbourLine(modality=modality, neighbours="–" if many is None else f"{many:.0f}", **texts)
