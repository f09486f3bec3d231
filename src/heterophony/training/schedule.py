"""How the learning rate goes on during a run."""

import math
from dataclasses import dataclass

from heterophony.training.settings import FitSettings


def rate_factor(settings: FitSettings, done: float) -> float:
    """What the learning rate of every group is multiplied with, 0 .. 1.

    ::

        step      2^-floor(e / halve_every)
        cosine    (1 + cos(pi e / E)) / 2                                  Loshchilov and Hutter, ICLR 2017, eq. 5
        linear    t / W for t < W, then max(0, (E - t) / (E - W))          from 0, and to 0 at the end
        restarts  l + (1 - l) (1 + cos(pi (t - s) / p)) / 2                the same paper, eq. 5, with restarts
        constant  1
        plateau   1, but see `Plateau`

    e: whole epochs that are done, t: epochs that are done, with the part of this one; E: `span`, else `epochs`;
    W: `warmup_epochs`; p: the period that t is in, `first_period` and then twice as long each time; s: where it began;
    l: `lowest`. So "linear" and "restarts" change from step to step, and the very first step of "linear" moves nothing,
    as everywhere that this schedule is used; the others change from epoch to epoch.

    Args:
        settings: Which, and its numbers.
        done: t, >= 0.
    """
    whole, total, warmup = math.floor(done), settings.span or settings.epochs, settings.warmup_epochs
    if settings.schedule == "step":
        return float(0.5 ** (whole // settings.halve_every))
    if settings.schedule == "cosine":
        return (1 + math.cos(math.pi * min(whole / total, 1.0))) / 2
    if settings.schedule == "linear":
        return done / warmup if done < warmup else max(0.0, (total - done) / max(total - warmup, 1e-12))
    if settings.schedule == "restarts":
        doubled = 2 ** ((whole // settings.first_period + 1).bit_length() - 1)
        part = (done - settings.first_period * (doubled - 1)) / (settings.first_period * doubled)
        return settings.lowest + (1 - settings.lowest) * (1 + math.cos(math.pi * part)) / 2
    return 1.0


@dataclass(slots=True)
class Plateau:
    """Halves the rate where the loss has not been lower for a while.

    After `patience` epochs in a row without a loss that is strictly lower than ever, the rate is halved and the count
    starts anew: Keras' ReduceLROnPlateau with `factor=0.5, min_delta=0` (its default is 1e-4), `patience` one more than
    that of the framework's, which halves after the epoch that comes then.

    Attributes:
        patience: Epochs, >= 1; 0: the rate is never changed.
        scale: What the rate is multiplied with at present.
        lowest: The lowest loss so far.
        waited: Epochs since then, or since the rate was halved.
    """

    patience: int
    scale: float = 1.0
    lowest: float = math.inf
    waited: int = 0

    @classmethod
    def of(cls, settings: FitSettings) -> "Plateau":
        """As the settings have it."""
        return cls(settings.plateau_patience if settings.schedule == "plateau" else 0)

    def see(self, loss: float) -> None:
        """Takes the loss of one more epoch into account."""
        if loss < self.lowest:
            self.lowest, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited == self.patience:
            self.scale, self.waited = self.scale / 2, 0


def learning_rate(settings: FitSettings, epoch: int) -> float:
    """The learning rate at the start of an epoch, counted from 1, of what no group matches.

    Example:
        >>> [learning_rate(FitSettings(), epoch) for epoch in (1, 20, 21, 41)]
        [0.001, 0.001, 0.0005, 0.00025]
    """
    return settings.lr * rate_factor(settings, epoch - 1)
