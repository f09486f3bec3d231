"""Models: `Batch -> Output`. Any number of modalities, any of them absent in any sample."""

from heterophony.models.encode import Encode
from heterophony.models.end_to_end import EndToEnd
from heterophony.models.hatr import Hatr
from heterophony.models.hearing import Hearing
from heterophony.models.on_priors import OnPriors
from heterophony.models.output import Output
from heterophony.models.priors_as_modalities import PriorsAsModalities

MODELS = {
    "hatr": Hatr,
}

__all__ = ["MODELS", "Encode", "EndToEnd", "Hatr", "Hearing", "OnPriors", "Output", "PriorsAsModalities"]
