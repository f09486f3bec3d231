"""The colours of the families: what the style sheet promises of them, computed."""

import re
from importlib import resources
from itertools import combinations

import numpy as np
import pytest

from heterophony.report.sunburst import FAMILIES

# Machado, Oliveira, Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009,
# severity 1: what protanopes, deuteranopes and tritanopes see, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    x, y, z = np.cbrt(np.clip(XYZ @ np.clip(light, 0, 1) / WHITE, 1e-4, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    high, low = sorted((float(XYZ[1] @ linear(colour)) + 0.05 for colour in (one, other)), reverse=True)
    return high / low


@pytest.fixture(scope="module")
def themes() -> list[dict[str, str]]:
    """Names to colours, light then dark (which inherits what it does not set)."""
    style = resources.files("heterophony.report").joinpath("templates", "look.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    )
    return [light, light | dark]


@pytest.mark.parametrize("vision", VISION)
def test_the_colours_of_five_families_stay_apart_for_every_eye(vision: str, themes: list[dict[str, str]]) -> None:
    for theme in themes:
        seen = [lab(VISION[vision] @ linear(theme[f"c{family}"])) for family in range(5)]
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 12  # 2.3 is just noticeable


def test_text_can_be_read(themes: list[dict[str, str]]) -> None:
    for theme in themes:
        for ink, least in (("ink", 7), ("soft", 4.5), ("low", 4.0), ("alert", 4.5), ("accent", 4.5)):
            assert contrast(theme[ink], theme["panel"]) > least, ink
        for family in range(FAMILIES):
            on = theme["on-dark"] if family in (0, 4, 5, 6) else theme["on-light"]
            assert contrast(on, theme[f"c{family}"]) > 4, family
