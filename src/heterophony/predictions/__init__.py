"""What models say, in one format, and how sure they may be."""

from heterophony.predictions.calibration import fit_temperature, log_softmax, softmax
from heterophony.predictions.imported import Imported, Said, read_predictions
from heterophony.predictions.line_up import line_up
from heterophony.predictions.run_folder import is_run, tree_of_run
from heterophony.predictions.table import Predictions, align, pooled

__all__ = [
    "Imported",
    "Predictions",
    "Said",
    "align",
    "fit_temperature",
    "is_run",
    "line_up",
    "log_softmax",
    "pooled",
    "read_predictions",
    "softmax",
    "tree_of_run",
]
