"""The fifteen operations of RandAugment on one picture, by Pillow; and the one that does nothing.

Geometric ones take the nearest pixel and leave black where the picture came from outside.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageEnhance, ImageOps

Picture = UInt8[np.ndarray, "height width 3"]
GREY = (125, 123, 114)
"""Of the square that a cutout leaves."""


def _affine(image: Image.Image, *matrix: float) -> Image.Image:
    return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.NEAREST)


OPERATIONS: dict[str, Callable[[Image.Image, float], Image.Image]] = {
    "identity": lambda image, _: image,
    "autocontrast": lambda image, _: ImageOps.autocontrast(image),
    "brightness": lambda image, factor: ImageEnhance.Brightness(image).enhance(factor),
    "color": lambda image, factor: ImageEnhance.Color(image).enhance(factor),
    "contrast": lambda image, factor: ImageEnhance.Contrast(image).enhance(factor),
    "equalize": lambda image, _: ImageOps.equalize(image),
    "invert": lambda image, _: ImageOps.invert(image),
    "posterize": lambda image, bits: ImageOps.posterize(image, int(bits)),
    "rotate": lambda image, degrees: image.rotate(degrees, Image.Resampling.NEAREST),
    "sharpness": lambda image, factor: ImageEnhance.Sharpness(image).enhance(factor),
    "shear-x": lambda image, shear: _affine(image, 1, shear, 0, 0, 1, 0),
    "shear-y": lambda image, shear: _affine(image, 1, 0, 0, shear, 1, 0),
    "solarize": lambda image, threshold: ImageOps.solarize(image, threshold),  # type: ignore[arg-type]
    "translate-x": lambda image, pixels: _affine(image, 1, 0, -pixels, 0, 1, 0),
    "translate-y": lambda image, pixels: _affine(image, 1, 0, 0, 0, 1, -pixels),
}
"""Name to `(picture, strength) -> picture`; strengths as in `picture_magnitudes.strength`. And "cutout"."""
NAMES = (*OPERATIONS, "cutout")


def changed(picture: Picture, operation: str, strength: float, place: tuple[float, float] = (0.5, 0.5)) -> Picture:
    """A copy of a picture after one operation, of the same size.

    Args:
        picture: RGB.
        operation: One of `NAMES`.
        strength: Pixels (right and down where positive), shear, degrees (against the clock), threshold, bits, factor.
        place: Middle of a cutout, as parts of height and width.
    """
    if operation == "cutout":
        return cut_out(picture, strength, place)
    return np.array(OPERATIONS[operation](Image.fromarray(picture), strength), dtype=np.uint8)


def cut_out(picture: Picture, side: float, place: tuple[float, float]) -> Picture:
    """A copy with a grey square around the pixel at `place`; what of it lies outside is cut off."""
    side, result = round(side), picture.copy()
    top, left = (int(at * length) - side // 2 for at, length in zip(place, picture.shape[:2], strict=True))
    result[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)] = GREY
    return result
