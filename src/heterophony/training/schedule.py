"""How the learning rate goes on during a run."""

import math

from heterophony.training.settings import FitSettings


def rate_factor(settings: FitSettings, done: float) -> float:
    """What the learning rate of every group is multiplied with, 0 .. 1.

    ::

        step      2^-floor(e / halve_every)
        cosine    (1 + cos(pi e / E)) / 2                                  Loshchilov and Hutter, ICLR 2017, eq. 5
        linear    t / W for t < W, then max(0, (E - t) / (E - W))          from 0, and to 0 at the end
        constant  1

    e: whole epochs that are done, t: epochs that are done, with the part of this one; E: `span`, else `epochs`;
    W: `warmup_epochs`. So "linear" changes from step to step, and its very first step moves nothing, as everywhere
    that this schedule is used; the others change from epoch to epoch.

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
    return 1.0


def learning_rate(settings: FitSettings, epoch: int) -> float:
    """The learning rate at the start of an epoch, counted from 1, of what no group matches.

    Example:
        >>> [learning_rate(FitSettings(), epoch) for epoch in (1, 20, 21, 41)]
        [0.001, 0.001, 0.0005, 0.00025]
    """
    return settings.lr * rate_factor(settings, epoch - 1)
