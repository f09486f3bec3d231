"""How strong each operation of RandAugment is at a magnitude, on the two scales in common use.

"m30" is that of the port to PyTorch that most papers of those years ran (https://github.com/ildoonet/pytorch-randaugment):
low + M / 30 (high - low). "torchvision" is that of `torchvision.transforms.RandAugment`, bin M of 31. At M = 14, for
pictures of 224 x 224:

============================================  ==============  =================
operation                                     m30             torchvision
============================================  ==============  =================
translate-x, translate-y                      ±46.7 pixels    ±47.4 pixels
shear-x, shear-y                              ±0.14           ±0.14
rotate                                        ±14 degrees     ±14 degrees
solarize, from which value on                 119.5           136
posterize, bits that stay                     1               6
sharpness, contrast, color, brightness        0.94            0.58 or 1.42
cutout, side of the square                    18.7 pixels     not there
============================================  ==============  =================

The ranking of Wang et al., 2022, Table 2 (posterize and solarize the worst) speaks for m30 (audio_visual.md C.6).
"""

from typing import Literal

from heterophony.errors import ConfigError

Scale = Literal["m30", "torchvision"]
STEPS = 30
SIGNED = ("translate-x", "translate-y", "shear-x", "shear-y", "rotate")
ENHANCERS = ("sharpness", "contrast", "color", "brightness")
M30 = {
    "translate-x": (0.0, 100.0),
    "translate-y": (0.0, 100.0),
    "shear-x": (0.0, 0.3),
    "shear-y": (0.0, 0.3),
    "rotate": (0.0, 30.0),
    "solarize": (0.0, 256.0),
    "posterize": (0.0, 4.0),
    "cutout": (0.0, 40.0),
    **dict.fromkeys(ENHANCERS, (0.1, 1.9)),
}
TORCHVISION = {
    "translate-x": (0.0, 150.0 / 331.0),  # of the width
    "translate-y": (0.0, 150.0 / 331.0),  # of the height
    "shear-x": (0.0, 0.3),
    "shear-y": (0.0, 0.3),
    "rotate": (0.0, 30.0),
    "solarize": (255.0, 0.0),
    "posterize": (8.0, 4.0),
    **dict.fromkeys(ENHANCERS, (0.0, 0.9)),
}
WITHOUT = ("identity", "invert", "equalize", "autocontrast")
"""Operations without magnitude, the same on both scales."""


def strength(operation: str, magnitude: float, scale: Scale, sign: int, size: tuple[int, int]) -> float:
    """What the operation is given.

    Args:
        operation: A name in `picture_operations.OPERATIONS`.
        magnitude: M, 0 .. 30.
        scale: See above.
        sign: 1 or -1, of those that go either way; enhancers do on torchvision's scale only.
        size: Height and width in pixels.

    Returns:
        Pixels, shear, degrees, threshold, bits or factor; 0 where the operation has no magnitude.

    Raises:
        ConfigError: The scale has no such operation.
    """
    if operation in WITHOUT:
        return 0.0
    table = M30 if scale == "m30" else TORCHVISION
    if operation not in table:
        raise ConfigError(f"{operation!r} has no magnitude on the scale {scale!r}; take the other, or leave it out")
    low, high = table[operation]
    value = low + magnitude / STEPS * (high - low)
    if operation == "posterize":
        return float(max(1, int(value)) if scale == "m30" else round(value))
    if scale == "torchvision" and operation.startswith("translate"):
        value *= size[1] if operation == "translate-x" else size[0]
    if scale == "torchvision" and operation in ENHANCERS:
        return 1.0 + sign * value
    return sign * value if operation in SIGNED else value
