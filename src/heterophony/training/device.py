"""Where networks are trained and run."""

import re
from itertools import chain

import torch
from torch import nn

from heterophony.errors import ConfigError


def find_device(name: str) -> torch.device:
    """The device of that name: "cpu", "cuda" (the first one), "cuda:1", "mps".

    Raises:
        ConfigError: There is no such device here, or no such name.
    """
    if not re.fullmatch(r"cpu|mps|cuda(:\d+)?", name):
        raise ConfigError(f"device {name!r}: wanted cpu, cuda, cuda:1 (the second one) or mps")
    device = torch.device(name)
    count = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if (device.index or 0) >= count[device.type]:
        there = ", ".join(f"{kind} {many}" for kind, many in count.items())
        raise ConfigError(f"device {name}: torch {torch.__version__} does not see it; it sees {there}")
    return device


def device_of(model: nn.Module, otherwise: torch.device) -> torch.device:
    """Where the parameters of a model lie, or its buffers; `otherwise` if it has neither."""
    return next((x.device for x in chain(model.parameters(), model.buffers())), otherwise)
