"""`NAME@FILE`: a sound encoder with the weights that it was given by training; see `trainable`."""

from dataclasses import replace
from pathlib import Path

from heterophony.encoders.clap import Clap
from heterophony.encoders.own_weights import find_weights
from heterophony.encoders.torch_sound import TorchSound
from heterophony.errors import ConfigError

Trainable = TorchSound | Clap
"""The sound encoders whose network is a torch module."""


def tuned_encoder(encoder: object, path: Path) -> Trainable:
    """The encoder with the fine-tuned weights of a file, on windows as in its training.

    Raises:
        ConfigError: The encoder is of a kind that cannot be fine-tuned.
        ModelError: The file is missing or no such file.
    """
    if not isinstance(encoder, TorchSound | Clap):
        raise ConfigError(f"encoder {getattr(encoder, 'name', encoder)!r} takes no fine-tuned weights ({path})")
    named = (
        replace(encoder, weights=f"{encoder.weights}@{path}")
        if isinstance(encoder, TorchSound)
        else replace(encoder, file=str(path))
    )
    tuned = find_weights(named.weights).tuned
    assert tuned is not None  # find_weights refuses other files
    return replace(named, window=tuned.window, hop=tuned.window, shortest=tuned.window)
