"""Batch normalisation after a convolution becomes part of the convolution: fewer steps, the same numbers to rounding.

With its statistics frozen, normalisation is `a x + b` per channel: `a` scales the kernel, `b` joins the bias. Source:
Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, CVPR 2018,
section 3.2.
"""

from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_norms(network: nn.Module) -> None:
    """Changes `network`, already loaded, in place: its convolutions take over the normalisation that follows them.

    Looks at each `nn.Sequential` in it, at any depth, for an `nn.Conv2d` directly followed by an `nn.BatchNorm2d`; the
    latter becomes an identity, so that every other part keeps its name.
    """
    network.eval()
    for part in network.modules():
        if isinstance(part, nn.Sequential):
            for index, (conv, norm) in enumerate(pairwise(part)):
                if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    part[index] = fuse_conv_bn_eval(conv, norm)
                    part[index + 1] = nn.Identity()
