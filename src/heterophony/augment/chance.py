"""Single numbers from a generator, for parts that draw a few per clip."""

import torch

from heterophony.errors import ConfigError


def uniform(low: float, high: float, generator: torch.Generator) -> float:
    """Uniform in `low` .. `high` (exclusive), in float64."""
    u = torch.rand((), generator=generator, device=generator.device, dtype=torch.float64)
    return low + (high - low) * float(u)


def below(n: int, generator: torch.Generator) -> int:
    """One of 0 .. n - 1, each equally likely; n at least 1."""
    return int(torch.randint(n, (), generator=generator, device=generator.device))


def refuse_no_probability(probability: float) -> None:
    """Refuses what is no probability.

    Raises:
        ConfigError: Says what came.
    """
    if not 0 <= probability <= 1:
        raise ConfigError(f"probability must be from 0 to 1, is {probability}")


def refuse_range(name: str, low: float, high: float, above: float) -> None:
    """Refuses what is no range of finite numbers above `above`.

    Raises:
        ConfigError: Says what came.
    """
    if not above < low <= high < float("inf"):
        raise ConfigError(f"{name}: wanted {above:g} < low <= high, finite; came {low} and {high}")
