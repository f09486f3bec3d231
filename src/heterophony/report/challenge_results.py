"""What a cross-validation scored, overall and class by class, as a challenge's `meta.yaml` tells it."""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float, Float64, Int

from heterophony.errors import InputError
from heterophony.metrics import evaluate_folds, log_loss, mean_and_spread
from heterophony.metrics.confusion import confusion_matrix, recalls
from heterophony.metrics.hierarchical import per_class
from heterophony.predictions import softmax
from heterophony.predictions.imported import Imported
from heterophony.report.challenge_formats import Format
from heterophony.report.challenge_meta import Scores
from heterophony.taxonomy import Taxonomy

Logits = Float[np.ndarray, "rows classes"]
Target = Int[np.ndarray, " rows"]
ByClass = Float64[np.ndarray, " classes"]
DECIMALS = 4


def development_scores(imported: Imported, form: Format) -> Scores:
    """Means over the folds, fractions of 1 (log-loss in nats) with four decimals.

    A class that is never predicted in a fold counts as 0 there; a fold without a class does not count for that class.

    Raises:
        AlignmentError: The predictions are not over the classes of the task.
        InputError: No target is known, or a log-loss is wanted and only the most probable class is known.
    """
    predictions, tree = imported.predictions, form.taxonomy
    if imported.said != "distribution" and "macro_log_loss" in form.measures.values():
        raise InputError(f"{form.name} wants a log-loss, which needs a probability for every class")
    if not (predictions.target >= 0).any():
        raise InputError("no target is known; scores need the true classes")
    overall = mean_and_spread(list(evaluate_folds(predictions, tree).values()))
    labelled = predictions.target >= 0
    tables = {
        measure: np.stack(
            [
                BY_CLASS[name](predictions.logits[rows], predictions.target[rows], tree)
                for fold in np.unique(predictions.fold[labelled])
                if (rows := labelled & (predictions.fold == fold)).any()
            ]
        )
        for measure, name in form.measures.items()
    }
    there = [label for label in range(tree.n_classes) if (predictions.target == label).any()]
    return Scores(
        overall={measure: round(overall[name][0], DECIMALS) for measure, name in form.measures.items()},
        class_wise={
            tree.classes[label]: {
                measure: round(float(np.nanmean(table[:, label])), DECIMALS) for measure, table in tables.items()
            }
            for label in there
        },
    )


def _hierarchical(which: str) -> Callable[[Logits, Target, Taxonomy], ByClass]:
    def score(logits: Logits, target: Target, tree: Taxonomy) -> ByClass:
        counts = confusion_matrix(target, logits.argmax(axis=1), tree.n_classes)
        table: ByClass = getattr(per_class(counts, tree), which)
        return table

    return score


def _accuracy(logits: Logits, target: Target, tree: Taxonomy) -> ByClass:
    counts = confusion_matrix(target, logits.argmax(axis=1), tree.n_classes)
    return np.asarray(np.diagonal(recalls(counts)))


def _log_loss(logits: Logits, target: Target, tree: Taxonomy) -> ByClass:
    probabilities = softmax(logits)
    found = np.full(tree.n_classes, np.nan)
    for label in np.unique(target):
        rows = target == label
        found[label] = log_loss(probabilities[rows], target[rows])
    return found


BY_CLASS: Mapping[str, Callable[[Logits, Target, Taxonomy], ByClass]] = {
    "hierarchical_precision": _hierarchical("precision"),
    "hierarchical_recall": _hierarchical("recall"),
    "hierarchical_f1": _hierarchical("f1"),
    "macro_accuracy": _accuracy,
    "macro_log_loss": _log_loss,
}
"""Overall score to that of each class, nan where it does not occur."""
