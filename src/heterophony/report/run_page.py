"""The page of a run: how good it is, where it errs, what to look at, and how it came about."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from heterophony.errors import InputError
from heterophony.metrics import confusion_matrix, evaluate_folds
from heterophony.metrics.class_intervals import class_intervals
from heterophony.metrics.scoreboard import UNKNOWN
from heterophony.predictions import Predictions
from heterophony.report.attention_chart import attention_chart
from heterophony.report.beside_graph import beside_graph
from heterophony.report.charts import class_bars, confusion_chart, curves
from heterophony.report.clip_list import clip_lists
from heterophony.report.embedding_map import embedding_map
from heterophony.report.fold_table import fold_lines, split_in_words
from heterophony.report.html import render
from heterophony.report.planes import Method
from heterophony.report.reliability_chart import reliability_charts
from heterophony.report.risk_coverage_chart import risk_chart
from heterophony.report.run_record import NotShown, RunRecord
from heterophony.report.score_table import headline, never_predicted, score_lines
from heterophony.report.summary import legend
from heterophony.report.sunburst import sunburst


@dataclass(frozen=True, kw_only=True)
class RunPageSettings:
    """How much a run page holds.

    Attributes:
        clips: In each list of clips to look at; 0: no lists.
        preview_seconds: Length of a preview.
        preview_budget_bytes: Most bytes of sound inside the page; 0: no players.
        map: How the embeddings are put on a plane; "none" leaves the map out.
        map_points: Most points in it.
        draws: Resamples for the intervals of the classes, >= 2.
        seed: Of the draws and of the map.
    """

    clips: int = 12
    preview_seconds: float = 8.0
    preview_budget_bytes: int = 4_000_000
    map: Method = "tsne"
    map_points: int = 1500
    draws: int = 1000
    seed: int = 0


def write_run_page(record: RunRecord, path: Path, settings: RunPageSettings | None = None) -> None:
    """Writes the page of a run. Sections whose data are missing are left out and named at its end.

    Args:
        record: What is known of the run.
        path: The HTML file; needs nothing beside it.
        settings: How much; None for the defaults.

    Raises:
        InputError: There are no predictions with known targets.
        AlignmentError: Predictions are not over the classes of the tree.
        ConfigError: A setting is impossible.
        MissingExtraError: The map is to be made by UMAP, which is not installed.
    """
    settings = settings or RunPageSettings()
    tables = record.predictions
    folds = {name: _scores(record, table) for name, table in tables.items()}
    if not folds or not all(folds.values()):
        raise InputError(f"{path}: a run page needs predictions with known targets; {record.name!r} has none")
    first = next(iter(folds.values()))
    values = {
        "record": record,
        "variants": list(tables),
        "folds": {name: len(scores) for name, scores in folds.items()},
        "headline": headline(first),
        "scores": score_lines({name: list(scores.values()) for name, scores in folds.items()}),
        "never": never_predicted(tables, record.taxonomy),
        "fold_lines": fold_lines(record, first),
        "graph": beside_graph(record, settings.draws, settings.seed),
        "split": split_in_words(record),
        "histories": curves(list(record.histories.values())),
    }
    page = render("run.html", [], values | _drawings(record, settings), ("look.css", "run.css"))
    path.write_text(page, encoding="utf-8")


def _scores(record: RunRecord, table: Predictions) -> dict[int, dict[str, float]]:
    """The scores of each fold, without those that only whole distributions tell where there are none."""
    unknown = () if record.said == "distribution" else UNKNOWN["top"]
    folds = evaluate_folds(table, record.taxonomy, record.never_predicted)
    return {fold: {name: x for name, x in named.items() if name not in unknown} for fold, named in folds.items()}


def _of_probabilities(record: RunRecord, settings: RunPageSettings) -> dict[str, object]:
    """What is told of probabilities; nothing where there are none."""
    if record.said != "distribution":
        return {"reliability": [], "risk": None, "clip_lists": []}
    return {
        "reliability": reliability_charts(record.main),
        "risk": risk_chart(record.main),
        "clip_lists": clip_lists(record, settings.clips, settings.preview_budget_bytes, settings.preview_seconds),
    }


def _drawings(record: RunRecord, settings: RunPageSettings) -> dict[str, object]:
    """What is drawn of the main predictions, and what could not be."""
    tree = record.taxonomy
    counts = pooled_confusion(record.main)
    truth = counts.sum(axis=1).tolist()
    groups = record.groups
    by_group = record.split == "grouped" and any(group is not None for group in groups)
    intervals = class_intervals(
        record.main, tree, groups=groups if by_group else None, draws=settings.draws, seed=settings.seed
    )
    found = {
        "attention": attention_chart(record),
        "map": embedding_map(record, settings.map, settings.map_points, settings.seed),
    }
    missing = [one for one in found.values() if isinstance(one, NotShown)] + _not_known(record)
    return {
        "samples": sum(truth),
        "arcs": sunburst(truth, tree),
        "legend": legend(truth, tree),
        "by_group": by_group,
        "bars": class_bars(counts, tree, intervals),
        "confusion": confusion_chart(counts, tree),
        **_of_probabilities(record, settings),
        "preview_seconds": settings.preview_seconds,
        **{name: None if isinstance(one, NotShown) else one for name, one in found.items()},
        "not_shown": missing,
    }


def _not_known(record: RunRecord) -> list[NotShown]:
    """What the page cannot say for lack of a file."""
    known = [
        (
            "Players and words of clips",
            record.clips_given,
            f"it was not said where the recordings are: {record.how_to_add}",
        ),
        (
            "Log-loss, reliability, clips to look at",
            record.said == "distribution",
            "the predictions are top classes or sums of votes, not probabilities of all classes",
        ),
        ("Rows of the folds", record.rows, "there is no split.csv in the folder"),
        ("Leakage between the folds", record.leakage, "there is no leakage.json in the folder"),
        ("How it learned", record.histories, "there is no history.jsonl in the folds"),
        ("How to run it again", record.again, "there is no recipe.yaml in the folder"),
    ]
    return [NotShown(title, why) for title, there, why in known if not there]


def pooled_confusion(table: Predictions) -> Int64[np.ndarray, "classes classes"]:
    """The confusion matrix of all labelled rows of all folds."""
    known = table.target >= 0
    return confusion_matrix(table.target[known], table.logits[known].argmax(axis=1), len(table.classes))
