"""Several models as one: tables of predictions in, a table out, scored and shown like that of any model."""

from heterophony.ensemble.bagging import Bagged
from heterophony.ensemble.greedy import Greedy
from heterophony.ensemble.linear import Linear
from heterophony.ensemble.mean import MeanOfAll, mean_of
from heterophony.ensemble.method import Ensemble, Method
from heterophony.ensemble.nested import average, in_sample, nested, on_validation, random_scores
from heterophony.ensemble.pool import Member, Pool, pool_of
from heterophony.ensemble.scorer import SCORES
from heterophony.ensemble.stacking import Stacking
from heterophony.ensemble.subset_choice import Exhaustive, TwoPhases
from heterophony.ensemble.summed import MEANS, SUMMED
from heterophony.ensemble.vote import Vote
from heterophony.ensemble.vote_values import VOTES
from heterophony.ensemble.weighted import Weighted

ENSEMBLES: dict[str, type[Method]] = {
    "mean": MeanOfAll,
    "vote": Vote,
    "weighted": Weighted,
    "greedy": Greedy,
    "bagged": Bagged,
    "stacking": Stacking,
    "two-phase": TwoPhases,
    "exhaustive": Exhaustive,
}
"""The ways to combine by name."""

__all__ = [
    "ENSEMBLES",
    "MEANS",
    "SCORES",
    "SUMMED",
    "VOTES",
    "Bagged",
    "Ensemble",
    "Exhaustive",
    "Greedy",
    "Linear",
    "MeanOfAll",
    "Member",
    "Method",
    "Pool",
    "Stacking",
    "TwoPhases",
    "Vote",
    "Weighted",
    "average",
    "in_sample",
    "mean_of",
    "nested",
    "on_validation",
    "pool_of",
    "random_scores",
]
