"""How a model is fitted: numbers only."""

from dataclasses import dataclass

from heterophony.errors import ConfigError
from heterophony.training.groups import Group

PRECISIONS = ("float32", "bfloat16")
OPTIMISERS = ("adam", "adamw", "sgd")
SCHEDULES = ("step", "cosine", "linear", "restarts", "plateau", "constant")


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """The recipe of the audio-text report (audio_text.md 3.1) is the default.

    Attributes:
        epochs: At most so many, >= 1.
        batch: Samples in one forward pass, >= 1.
        accumulate: Forward passes whose gradients are averaged, by their rows, before the weights move, >= 1. The last
            passes of an epoch move them too, however few they are.
        optimiser: "adam", the weight decay added to the gradient before Adam sees it ("coupled"); "adamw", the weights
            shrunk by `lr * weight_decay` apart from that (Loshchilov and Hutter, ICLR 2019); or "sgd", with momentum
            0.9, not Nesterov's, the weight decay added to the gradient.
        lr: Learning rate at its highest, > 0.
        weight_decay: >= 0.
        schedule: How the rate goes on; see `schedule.rate_factor`.
        halve_every: "step" halves the learning rate every so many epochs, >= 1.
        warmup_epochs: "linear" rises from 0 for so many epochs, >= 0.
        span: Epochs that "cosine" and "linear" are laid out for, >= 0; 0 is `epochs`. More than `epochs` where a run is
            to end earlier on the same curve.
        first_period: "restarts" has its first one after so many epochs, >= 1, the next after twice as many, and so on:
            with 2, at the start of epochs 3, 7, 15, 31, 63, 127 (audio_visual.md C.2).
        lowest: The part of the rate that "restarts" is down to before each restart, 0 .. 1.
        plateau_patience: "plateau" halves the rate after so many epochs in a row without a lower validation loss, >= 1;
            without a validation table, training loss.
        clip: Largest norm of the whole gradient, > 0; a longer one is shortened to it. None: as it is.
        groups: Rates of parts of the model, the first that matches a parameter; see `Group`.
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
    accumulate: int = 1
    optimiser: str = "adam"
    lr: float = 1e-3
    weight_decay: float = 1e-5
    schedule: str = "step"
    halve_every: int = 20
    warmup_epochs: float = 0.0
    span: int = 0
    first_period: int = 2
    lowest: float = 1e-4
    plateau_patience: int = 15
    clip: float | None = None
    groups: tuple[Group, ...] = ()
    patience: int = 15
    monitor: str = "accuracy"
    drop_last: bool = True
    precision: str = "float32"

    def __post_init__(self) -> None:
        counts = ("epochs", "batch", "accumulate", "halve_every", "patience", "first_period", "plateau_patience")
        wrong = [f"{name} must be >= 1, is {getattr(self, name)}" for name in counts if getattr(self, name) < 1]
        wrong += [
            f"{name} must be > 0, is {value}"
            for name, value in (("lr", self.lr), ("clip", self.clip or 1.0))
            if not value > 0
        ]
        if not 0 <= self.lowest <= 1:
            wrong.append(f"lowest must be from 0 to 1, is {self.lowest}")
        lengths = ("weight_decay", "warmup_epochs", "span")
        wrong += [f"{name} must be >= 0, is {getattr(self, name)}" for name in lengths if not getattr(self, name) >= 0]
        choices = (("precision", PRECISIONS), ("optimiser", OPTIMISERS), ("schedule", SCHEDULES))
        wrong += [
            f"{name} must be {' or '.join(map(repr, known))}, is {getattr(self, name)!r}"
            for name, known in choices
            if getattr(self, name) not in known
        ]
        if wrong:
            raise ConfigError("fit settings: " + "; ".join(wrong))
