from importlib.util import find_spec

import pytest

from heterophony.augment.picture_magnitudes import ENHANCERS, M30, SIGNED, TORCHVISION, WITHOUT, strength
from heterophony.augment.picture_operations import NAMES
from heterophony.encoders.torchvision_models import torchvision_models
from heterophony.errors import ConfigError

SIZE = (224, 224)
AT_14 = {  # audio_visual.md C.6: on m30, on torchvision's scale
    "translate-x": (46.7, 47.4),
    "translate-y": (46.7, 47.4),
    "shear-x": (0.14, 0.14),
    "shear-y": (0.14, 0.14),
    "rotate": (14, 14),
    "solarize": (119.5, 136),
    "posterize": (1, 6),
    "sharpness": (0.94, 1.42),
    "contrast": (0.94, 1.42),
    "color": (0.94, 1.42),
    "brightness": (0.94, 1.42),
    "cutout": (18.7, None),
    "invert": (0, 0),
    "equalize": (0, 0),
    "autocontrast": (0, 0),
}


def test_there_are_fifteen_and_the_one_that_does_nothing():
    assert set(NAMES) == {*AT_14, "identity"}
    assert len(AT_14) == 15
    assert set(NAMES) == {*M30, *WITHOUT}


@pytest.mark.parametrize("operation", AT_14)
def test_values_at_14_are_those_of_the_table(operation):
    m30, torchvision = AT_14[operation]
    assert strength(operation, 14, "m30", 1, SIZE) == pytest.approx(m30, abs=0.05 if m30 > 1 else 1e-9)
    if torchvision is not None:
        value = strength(operation, 14, "torchvision", 1, SIZE)
        assert value == pytest.approx(torchvision, abs=0.05 if torchvision > 2 else 1e-9)


@pytest.mark.skipif(find_spec("torchvision") is None, reason="no torchvision")
def test_the_other_scale_has_the_values_of_its_library():
    torchvision_models()
    from torchvision.transforms import RandAugment

    space = RandAugment(num_ops=1)._augmentation_space(31, (200, 300))
    theirs = {name.replace("X", "-x").replace("Y", "-y").lower(): values for name, values in space.items()}
    assert set(theirs) == {*TORCHVISION, "identity", "equalize", "autocontrast"}
    for name in TORCHVISION:
        values, signed = theirs[name]
        assert signed == (name in SIGNED or name in ENHANCERS)
        for magnitude in (0, 5, 14, 23, 30):
            for sign in (1, -1):
                expected = float(values[magnitude]) * (sign if signed else 1) + (name in ENHANCERS)
                value = strength(name, magnitude, "torchvision", sign, (200, 300))
                assert value == pytest.approx(expected, rel=1e-5), (name, magnitude)


@pytest.mark.parametrize("operation", [*M30, *WITHOUT])
def test_signs_turn_what_has_a_direction_and_nothing_else(operation):
    plus, minus = (strength(operation, 14, "m30", sign, SIZE) for sign in (1, -1))
    assert minus == (-plus if operation in SIGNED else plus)
    if operation in ENHANCERS:
        assert strength(operation, 14, "torchvision", -1, SIZE) == pytest.approx(0.58)


def test_what_a_scale_lacks_is_refused():
    with pytest.raises(ConfigError, match="'cutout' has no magnitude on the scale 'torchvision'"):
        strength("cutout", 14, "torchvision", 1, SIZE)
