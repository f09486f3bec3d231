r"""How often a model is wrong when it may keep silent where it is least sure: risk over coverage, and the area below.

Source: Y. Geifman, R. El-Yaniv, "Selective classification for deep neural networks", NeurIPS 2017 (risk and coverage);
Y. Geifman, G. Uziel, R. El-Yaniv, "Bias-reduced uncertainty estimation for deep neural classifiers", ICLR 2019,
section 2 (AURC). With the n samples sorted by the probability of the class that was chosen, the surest first, and the
error $e_i$ of the i-th (1 if wrong, else 0):

$$r_k = \frac{1}{k} \sum_{i \le k} e_i \quad \text{at coverage } k / n, \qquad
\mathrm{AURC} = \frac{1}{n} \sum_{k=1}^{n} r_k .$$

The papers leave the order of equally sure samples open. Here each counts with the mean error of its equals, which gives
the mean over all orders, so that no order of the rows changes the result.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int

from heterophony.errors import InputError


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """The curve, one point per sample, the surest first.

    Attributes:
        coverage: Share of the samples that are answered, 1/n .. 1.
        risk: Share of wrong answers among them, 0..1; the last is 1 - accuracy.
        confidence: Probability of the least sure of them.
    """

    coverage: Float64[np.ndarray, " samples"]
    risk: Float64[np.ndarray, " samples"]
    confidence: Float64[np.ndarray, " samples"]


def risk_coverage(
    probabilities: Float[np.ndarray, "samples classes"], target: Int[np.ndarray, " samples"]
) -> RiskCoverage:
    """The curve; probabilities with known targets only.

    Raises:
        InputError: If there is no sample.
    """
    if not len(target):
        raise InputError("risk_coverage: no labelled sample to score; give rows whose target is known")
    sure = probabilities.max(axis=1).astype(np.float64)
    wrong = (probabilities.argmax(axis=1) != target).astype(np.float64)
    order = np.argsort(-sure, kind="stable")
    _, equals = np.unique(-sure[order], return_inverse=True)
    shared = np.bincount(equals, wrong[order]) / np.bincount(equals)
    answered = np.arange(1, len(target) + 1)
    return RiskCoverage(answered / len(target), np.cumsum(shared[equals]) / answered, sure[order])


def aurc(probabilities: Float[np.ndarray, "samples classes"], target: Int[np.ndarray, " samples"]) -> float:
    """Area under the curve, 0..1, lower is better; equally sure of all, it is the share of wrong answers."""
    return float(risk_coverage(probabilities, target).risk.mean())
