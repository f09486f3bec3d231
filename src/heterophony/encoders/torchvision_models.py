"""The one place that imports torchvision, and timm, which imports it too.

torchvision's wheel has operators compiled for one build of torch. With another, one without CUDA for example, they do
not load, and importing torchvision ends in "operator torchvision::nms does not exist", because it describes two
operators that nobody has defined. Its networks use neither: where they are missing, they are declared here, without any
code behind them, before the import.
"""

from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from heterophony.extras import import_extra

OPERATORS = ("nms", "qnms")
SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def torchvision_models() -> Any:  # noqa: ANN401 - a module
    """The module `torchvision.models`.

    Raises:
        MissingExtraError: torchvision is not installed.
    """
    _declare_operators()
    return import_extra("torchvision.models", "video")


def timm_models(part: str) -> Any:  # noqa: ANN401 - a module
    """The module `timm.models.<part>`.

    Raises:
        MissingExtraError: timm or torchvision is not installed.
    """
    _declare_operators()
    return import_extra(f"timm.models.{part}", "video")


def _declare_operators() -> None:
    """Declares what torchvision's compiled part does not bring."""
    import torch

    operators: Any = torch.ops  # has no types
    found = find_spec("torchvision")
    if found is None:
        return
    for folder in found.submodule_search_locations or ():
        for compiled in Path(folder).glob("_C*.so"):
            with suppress(OSError):  # made for another torch
                operators.load_library(str(compiled))
    for name in OPERATORS:
        if not hasattr(operators.torchvision, name):
            _declared(name)


@cache
def _declared(operator: str) -> Any:  # noqa: ANN401 - a library of torch
    """What holds the declaration of an operator; it ends when this does, so it is kept."""
    import torch

    library: Any = torch.library  # has no types
    declared = library.Library("torchvision", "FRAGMENT")
    declared.define(operator + SIGNATURE)
    return declared
