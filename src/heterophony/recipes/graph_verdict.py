"""In sentences: what the neighbours of a graph model are, and whether its number is more than others have."""

from collections.abc import Mapping, Sequence

import numpy as np

from heterophony.metrics import evaluate_folds, mean_and_spread
from heterophony.predictions import Predictions, pooled
from heterophony.recipes.cross_validate import FoldResult
from heterophony.taxonomy import Taxonomy

ALONE = ("mlp", "hatr")
APART = "no edges in groups"


def graph_verdict(results: Sequence[FoldResult], whole: str, taxonomy: Taxonomy) -> list[str]:
    """What is to be said beside the number of a graph model; nothing for other models.

    Args:
        results: All folds of a run.
        whole: The name of the set of all modalities.
        taxonomy: The tree.
    """
    if not results or not results[0].controls:
        return []
    tables = {whole: [one.test[whole] for one in results]}
    tables |= {name: [one.controls[name] for one in results] for name in results[0].controls}
    scores = {name: _accuracy(some, taxonomy) for name, some in tables.items()}
    return [*_neighbours(results), _verdict(scores, whole)]


def _accuracy(tables: Sequence[Predictions], taxonomy: Taxonomy) -> float:
    folds = evaluate_folds(pooled(tables), taxonomy)
    return mean_and_spread(list(folds.values()))["accuracy"][0]


def _neighbours(results: Sequence[FoldResult]) -> list[str]:
    lines = []
    for name in results[0].neighbours:
        found = [one.neighbours[name] for one in results]
        own, chance = (float(np.nanmean([getattr(one, key) for one in found])) for key in ("homophily", "expected"))
        group = [one.same_group for one in found if not np.isnan(one.same_group)]
        shared = f", {100 * float(np.mean(group)):.0f} % of its group" if group else ""
        training = float(np.nanmean([one.training for one in found]))
        lines.append(
            f"neighbours of a test row by {name}: {100 * own:.0f} % of its class (chance {100 * chance:.0f} %)"
            f"{shared}, {100 * training:.0f} % training rows"
        )
    return lines


def _verdict(scores: Mapping[str, float], whole: str) -> str:
    """Whether the graph is worth anything, in points of accuracy."""
    best = max(ALONE, key=lambda name: scores[name])
    gain = 100 * (scores[whole] - scores[best])
    if gain <= 0:
        return f"the graph does not help: {_shown(scores, best)} without it, {_shown(scores, whole)} with it"
    said = f"the graph gains {gain:.1f} points over {best}"
    if APART in scores and scores[APART] - scores[best] < (scores[whole] - scores[best]) / 2:
        said += f"; most of it is that of the group: {_shown(scores, APART)}"
    over = max(("mlp, smoothed", "mlp, corrected and smoothed"), key=lambda name: scores[name])
    if scores[over] >= scores[whole]:
        said += f"; averaging over the same neighbours with nothing trained does as well: {_shown(scores, over)}"
    return said


def _shown(scores: Mapping[str, float], name: str) -> str:
    return f"{name} {100 * scores[name]:.1f} %"
