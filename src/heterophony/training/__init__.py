"""Training: fit -> epoch -> step, with early stopping; and prediction."""

from heterophony.training.checkpoint import Checkpoints
from heterophony.training.device import find_device
from heterophony.training.fit import fit
from heterophony.training.fit_graph import fit_graph
from heterophony.training.groups import Group
from heterophony.training.history import History
from heterophony.training.predict import infer, predict
from heterophony.training.schedule import learning_rate
from heterophony.training.seeding import seeded
from heterophony.training.settings import FitSettings

__all__ = [
    "Checkpoints",
    "FitSettings",
    "Group",
    "History",
    "find_device",
    "fit",
    "fit_graph",
    "infer",
    "learning_rate",
    "predict",
    "seeded",
]
