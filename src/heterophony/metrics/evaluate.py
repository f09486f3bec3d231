"""All scores of one set of predictions, and their mean and spread over folds."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from heterophony.errors import AlignmentError, ConfigError
from heterophony.metrics import confusion as flat
from heterophony.metrics import hierarchical as tree
from heterophony.metrics.calibration_error import calibration_error
from heterophony.metrics.log_loss import log_loss, macro_log_loss
from heterophony.metrics.risk_coverage import aurc
from heterophony.predictions import Predictions, softmax
from heterophony.taxonomy import Taxonomy

Kind = Literal["logits", "probabilities"]

WITHOUT_RULE = {
    "accuracy": flat.accuracy,
    "top_accuracy": flat.top_accuracy,
    "macro_accuracy": flat.macro_accuracy,
    "macro_top_accuracy": flat.macro_top_accuracy,
    "macro_f1": flat.macro_f1,
    "hierarchical_accuracy": tree.hierarchical_accuracy,
}
"""The scores that confusion matrices decide, `(confusion, taxonomy) -> scores`."""

WITH_RULE = {
    "hierarchical_precision": tree.hierarchical_precision,
    "hierarchical_recall": tree.hierarchical_recall,
    "hierarchical_f1": tree.hierarchical_f1,
}
"""Those that also need a rule for classes never predicted (default "zero")."""


def evaluate(
    scores: Float[np.ndarray, "samples classes"],
    target: Int[np.ndarray, " samples"],
    taxonomy: Taxonomy,
    never_predicted: tree.NeverPredicted = "zero",
    kind: Kind = "logits",
) -> dict[str, float]:
    """Every score of the room by name.

    Args:
        scores: Logits, or probabilities whose rows sum to 1.
        target: Index of the true class; rows with -1 are left out.
        taxonomy: The tree whose classes are the columns of `scores`.
        never_predicted: What a class that is never predicted counts for (see `hierarchical.py`).
        kind: What `scores` holds.

    Returns:
        The names of `METRICS`, fractions in 0..1 (log-losses in nats), and the counts `samples` (scored rows) and
        `classes_never_predicted` (classes that occur and are never predicted).

    Raises:
        InputError: If no target is known.
        ConfigError: If an option has another value than named here, or "probabilities" do not sum to 1.
        AlignmentError: If the columns are not the classes of the tree.
    """
    if scores.shape[1] != taxonomy.n_classes:
        raise AlignmentError(
            f"{scores.shape[1]} columns of scores, but {taxonomy.name!r} has {taxonomy.n_classes} classes"
        )
    known = target >= 0
    truth = target[known]
    probabilities = _probabilities(scores[known], kind)
    counts = flat.confusion_matrix(truth, scores[known].argmax(axis=1), taxonomy.n_classes)
    return evaluate_confusion(counts, taxonomy, never_predicted) | {
        "log_loss": log_loss(probabilities, truth),
        "macro_log_loss": macro_log_loss(probabilities, truth),
        "calibration_error": calibration_error(probabilities, truth),
        "aurc": aurc(probabilities, truth),
    }


def evaluate_confusion(
    counts: Int[np.ndarray, "classes classes"], taxonomy: Taxonomy, never_predicted: tree.NeverPredicted = "zero"
) -> dict[str, float]:
    """The scores that need only the confusion matrix; for predictions known by class alone."""
    flat_scores = {name: float(score(counts, taxonomy)) for name, score in WITHOUT_RULE.items()}
    ruled = {name: float(score(counts, taxonomy, never_predicted)) for name, score in WITH_RULE.items()}
    never = int(tree.per_class(counts, taxonomy).never_predicted.sum())
    return flat_scores | ruled | {"samples": float(counts.sum()), "classes_never_predicted": float(never)}


def evaluate_folds(
    predictions: Predictions, taxonomy: Taxonomy, never_predicted: tree.NeverPredicted = "zero"
) -> dict[int, dict[str, float]]:
    """`evaluate` of the logits of each fold that has a known target, by fold number."""
    if predictions.classes != taxonomy.classes:
        raise AlignmentError(f"the predictions are not over the classes of {taxonomy.name!r}, or in another order")
    labelled = predictions.target >= 0
    rows = {int(fold): labelled & (predictions.fold == fold) for fold in np.unique(predictions.fold[labelled])}
    return {
        fold: evaluate(predictions.logits[held], predictions.target[held], taxonomy, never_predicted)
        for fold, held in rows.items()
    }


def mean_and_spread(folds: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, float]]:
    """Mean and population standard deviation (ddof 0) over folds, of the names that every fold has."""
    names = [name for name in folds[0] if all(name in fold for fold in folds)] if folds else []
    values = {name: np.array([fold[name] for fold in folds]) for name in names}
    return {name: (float(value.mean()), float(value.std())) for name, value in values.items()}


def _probabilities(scores: Float[np.ndarray, "samples classes"], kind: Kind) -> Float[np.ndarray, "samples classes"]:
    """Rows that sum to 1."""
    if kind == "logits":
        return softmax(scores)
    if kind != "probabilities":
        raise ConfigError(f"kind={kind!r}: wanted 'logits' or 'probabilities'")
    total = scores.sum(axis=1, dtype=np.float64, keepdims=True)
    if not (np.allclose(total, 1, atol=1e-3) and (scores >= 0).all()):
        raise ConfigError("evaluate: the rows of the probabilities do not sum to 1; pass kind='logits' for logits")
    return np.asarray(scores / total, dtype=np.float64)
