"""Networks without training: their tensors, drawn at random, in the place of a checkpoint or of what one lacks."""

from collections.abc import Callable, Mapping
from functools import partial

from torch import Tensor, nn

from heterophony.encoders.efficientnet_lite0_network import Lite0
from heterophony.encoders.fcnn_network import SMALL, Fcnn
from heterophony.encoders.places365 import new_densenet, new_resnet
from heterophony.encoders.resnest50 import new_resnest
from heterophony.encoders.se_conv_network import SeConv
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.encoders.vgg_gru_start import completed
from heterophony.encoders.vgg_network import Vgg
from heterophony.encoders.vggish import Vggish
from heterophony.errors import ConfigError

# name in `ENCODERS` -> what makes the network whose tensors have the names of its checkpoint
SCRATCH: dict[str, Callable[[], nn.Module]] = {
    "densenet161-places365": new_densenet,
    "efficientnet-lite0": Lite0,
    "fcnn": Fcnn,
    "fcnn-small": partial(Fcnn, widths=SMALL),
    "resnest50": new_resnest,
    "resnet50-places365": new_resnet,
    "se-conv": partial(SeConv, n_classes=0),
    "se-conv+sequence": partial(SeConv, n_classes=0),
    "vgg16-bigru": partial(VggGru, n_classes=0),
    "vgg16-bigru+sequence": partial(VggGru, n_classes=0),
    "vgg19": Vgg,
    "vggish": Vggish,
}

# name in `CHECKPOINTS` -> what draws the tensors that such a checkpoint may lack
COMPLETIONS: dict[str, Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]] = {"vgg16-bigru": completed}


def from_scratch(name: str) -> Callable[[], nn.Module]:
    """What draws the network of an encoder, from torch's global generator.

    Raises:
        ConfigError: There is no such network.
    """
    if name not in SCRATCH:
        raise ConfigError(f"encoder {name!r} cannot be trained from scratch; those that can are {', '.join(SCRATCH)}")
    return SCRATCH[name]
