"""Training: fit -> epoch -> step, with early stopping; and prediction."""

from heterophony.training.fit import fit
from heterophony.training.fit_graph import fit_graph
from heterophony.training.groups import Group
from heterophony.training.history import History
from heterophony.training.predict import infer, predict
from heterophony.training.schedule import learning_rate
from heterophony.training.seeding import seeded
from heterophony.training.settings import FitSettings

__all__ = ["FitSettings", "Group", "History", "fit", "fit_graph", "infer", "learning_rate", "predict", "seeded"]
