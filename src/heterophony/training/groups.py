"""Parts of a model with a learning rate of their own, or none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from torch import nn

from heterophony.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """How the parameters that it matches are trained.

    Attributes:
        match: Dotted beginning of their names ("blocks.0" is "blocks.0.weight", not "blocks.01.weight"), or a pattern
            with `*`, `?` and `[...]` for the whole name ("*.bias").
        lr: Their learning rate, >= 0; None: that of the settings. 0 freezes them.
        weight_decay: Theirs, >= 0; None: that of the settings.
        frozen: Whether they stay as they are, and with them the statistics of normalisations, and dropout is off.

    Raises:
        ConfigError: Nothing to match, or a number out of its range.
    """

    match: str
    lr: float | None = None
    weight_decay: float | None = None
    frozen: bool = False

    def __post_init__(self) -> None:
        numbers = {"lr": self.lr, "weight_decay": self.weight_decay}
        wrong = [f"{name} must be >= 0, is {x}" for name, x in numbers.items() if x is not None and not x >= 0]
        if not self.match:
            wrong.append("match is empty")
        if wrong:
            raise ConfigError(f"group {self.match!r}: {'; '.join(wrong)}")

    @property
    def still(self) -> bool:
        """Whether nothing of it moves."""
        return self.frozen or self.lr == 0

    def matches(self, name: str) -> bool:
        """Whether a parameter or module of this name belongs to it."""
        return name == self.match or name.startswith(f"{self.match}.") or fnmatchcase(name, self.match)


def group_of(name: str, groups: Sequence[Group]) -> int | None:
    """The number of the first group that matches a name; None if none does."""
    return next((number for number, group in enumerate(groups) if group.matches(name)), None)


def refuse_groups_without_parameters(model: nn.Module, groups: Sequence[Group]) -> None:
    """Refuses a group that matches no parameter at all: it was probably misspelt.

    Raises:
        ConfigError: Names it, and the parameters and parts of the model whose names are nearest.
    """
    names = [name for name, _ in model.named_parameters()]
    parts = dict.fromkeys(name.rsplit(".", cut)[0] for name in names for cut in range(name.count(".") + 1))
    for group in groups:
        if not any(group.matches(name) for name in names):
            near = get_close_matches(group.match, parts, n=4, cutoff=0.3) or list(parts)[:4]
            raise ConfigError(f"group {group.match!r} matches no parameter of the model; near are: {', '.join(near)}")


def train_mode(model: nn.Module, groups: Sequence[Group]) -> None:
    """Training mode, but for the modules in frozen groups: their statistics stay, their dropout is off."""
    model.train()
    for name, module in model.named_modules():
        own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
        inside = [f"{name}.{key}" if name else key for key, _ in own]
        if _still(name, groups) or (inside and all(_still(key, groups) for key in inside)):
            module.training = False


@contextmanager
def frozen(model: nn.Module, groups: Sequence[Group]) -> Iterator[None]:
    """Within the block no gradient is asked for the parameters in frozen groups, so none is computed below them."""
    held = [p for name, p in model.named_parameters() if p.requires_grad and _still(name, groups)]
    for parameter in held:
        parameter.requires_grad = False
    try:
        yield
    finally:
        for parameter in held:
            parameter.requires_grad = True


def _still(name: str, groups: Sequence[Group]) -> bool:
    number = group_of(name, groups)
    return number is not None and groups[number].still
