"""Training: fit -> epoch -> step, with early stopping; and prediction."""

from heterophony.training.fit import fit
from heterophony.training.history import History
from heterophony.training.predict import infer, predict
from heterophony.training.seeding import seeded
from heterophony.training.settings import FitSettings, learning_rate

__all__ = ["FitSettings", "History", "fit", "infer", "learning_rate", "predict", "seeded"]
