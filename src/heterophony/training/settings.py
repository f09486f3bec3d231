"""How a model is fitted: numbers only."""

from dataclasses import dataclass

from heterophony.errors import ConfigError

PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """The recipe of the audio-text report (audio_text.md 3.1) is the default.

    Attributes:
        epochs: At most so many, >= 1.
        batch: Samples in one step, >= 1.
        lr: Learning rate of Adam in the first epoch, > 0.
        weight_decay: L2 penalty, added to the gradient before Adam sees it ("coupled"), >= 0.
        halve_every: The learning rate is halved every so many epochs, >= 1.
        patience: Stop after so many epochs in a row without a strictly better monitor, >= 1.
        monitor: Name of the validation score that chooses the epoch; higher is better.
        drop_last: Leave out the incomplete last batch of an epoch. A table smaller than one batch is one batch.
        precision: "float32", or "bfloat16": the products of the forward and backward pass in bfloat16 (autocast), the
            weights, their statistics and Adam in float32.

    Raises:
        ConfigError: A number out of its range; all such are named at once.
    """

    epochs: int = 100
    batch: int = 64
    lr: float = 1e-3
    weight_decay: float = 1e-5
    halve_every: int = 20
    patience: int = 15
    monitor: str = "accuracy"
    drop_last: bool = True
    precision: str = "float32"

    def __post_init__(self) -> None:
        counts = ("epochs", "batch", "halve_every", "patience")
        wrong = [f"{name} must be >= 1, is {getattr(self, name)}" for name in counts if getattr(self, name) < 1]
        if not self.lr > 0:
            wrong.append(f"lr must be > 0, is {self.lr}")
        if not self.weight_decay >= 0:
            wrong.append(f"weight_decay must be >= 0, is {self.weight_decay}")
        if self.precision not in PRECISIONS:
            wrong.append(f"precision must be 'float32' or 'bfloat16', is {self.precision!r}")
        if wrong:
            raise ConfigError("fit settings: " + "; ".join(wrong))


def learning_rate(settings: FitSettings, epoch: int) -> float:
    """The learning rate of an epoch, counted from 1: `lr / 2^floor((epoch - 1) / halve_every)`.

    Example:
        >>> [learning_rate(FitSettings(), epoch) for epoch in (1, 20, 21, 41)]
        [0.001, 0.001, 0.0005, 0.00025]
    """
    return settings.lr * 0.5 ** ((epoch - 1) // settings.halve_every)
