"""Models: `Batch -> Output`. Any number of modalities, any of them absent in any sample."""

from heterophony.models.hatr import Hatr
from heterophony.models.on_priors import OnPriors
from heterophony.models.output import Output

MODELS = {
    "hatr": Hatr,
}

__all__ = ["MODELS", "Hatr", "OnPriors", "Output"]
