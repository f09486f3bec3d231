"""Several models as one: tables of predictions in, a table out, scored and shown like that of any model."""

from heterophony.ensemble.mean import MEANS, mean_of

ENSEMBLES = {"mean": mean_of}
"""The ways to combine by name."""

__all__ = ["ENSEMBLES", "MEANS", "mean_of"]
