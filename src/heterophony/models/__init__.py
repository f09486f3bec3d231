"""Models: `Batch -> Output`. Any number of modalities, any of them absent in any sample."""

from heterophony.models.at_gcn import AtGcn
from heterophony.models.banked import Banked
from heterophony.models.dm_gcn import DmGcn
from heterophony.models.encode import Encode
from heterophony.models.end_to_end import EndToEnd
from heterophony.models.hatr import Hatr
from heterophony.models.hearing import Hearing
from heterophony.models.joint import EncodeFeatures, Joint
from heterophony.models.load import Load
from heterophony.models.mlp import Mlp
from heterophony.models.node_bank import GraphSettings, NodeBank, node_bank
from heterophony.models.official_baseline import OfficialBaseline
from heterophony.models.on_priors import OnPriors
from heterophony.models.output import Output
from heterophony.models.priors_as_modalities import PriorsAsModalities
from heterophony.models.recurrent_fusion import RecurrentFusion
from heterophony.models.sign import Sign, SignOnNodes

MODELS = {
    "hatr": Hatr,
    "mlp": Mlp,
    "official-baseline": OfficialBaseline,
    "recurrent-fusion": RecurrentFusion,
    "gcn": DmGcn,
    "mean-gcn": DmGcn,
    "dm-gcn": DmGcn,
    "at-gcn": AtGcn,
    "sign": Sign,
}
"""By name. Graph models take `Nodes`; `Banked` makes of them models of single samples, `Batch -> Output`."""

__all__ = [
    "MODELS",
    "AtGcn",
    "Banked",
    "DmGcn",
    "Encode",
    "EncodeFeatures",
    "EndToEnd",
    "GraphSettings",
    "Hatr",
    "Hearing",
    "Joint",
    "Load",
    "Mlp",
    "NodeBank",
    "OfficialBaseline",
    "OnPriors",
    "Output",
    "PriorsAsModalities",
    "RecurrentFusion",
    "Sign",
    "SignOnNodes",
    "node_bank",
]
