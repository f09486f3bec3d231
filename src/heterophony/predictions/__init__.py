"""What models say, in one format, and how sure they may be."""

from heterophony.predictions.calibration import fit_temperature, log_softmax, softmax
from heterophony.predictions.table import Predictions, align

__all__ = ["Predictions", "align", "fit_temperature", "log_softmax", "softmax"]
