"""`NAME@FILE`: an encoder of sound or pictures with the weights that it was given by training; see `trainable`."""

from dataclasses import replace
from pathlib import Path

from heterophony.encoders.clap import Clap
from heterophony.encoders.own_weights import find_weights
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torch_sound import TorchSound
from heterophony.errors import ConfigError

Trainable = TorchSound | Clap | TorchPictures
"""The encoders whose network is a torch module."""


def tuned_encoder(encoder: object, path: Path) -> Trainable:
    """The encoder with the fine-tuned weights of a file, on windows (frames) as in its training.

    Raises:
        ConfigError: The encoder is of a kind that cannot be fine-tuned.
        ModelError: The file is missing or no such file.
    """
    if not isinstance(encoder, Trainable):
        raise ConfigError(f"encoder {getattr(encoder, 'name', encoder)!r} takes no fine-tuned weights ({path})")
    tuned = find_weights(f"{encoder.weights}@{path}").tuned
    assert tuned is not None  # find_weights refuses other files
    if isinstance(encoder, TorchPictures):
        return replace(encoder, weights=f"{encoder.weights}@{path}", size=tuned.window)
    named = (
        replace(encoder, file=str(path))
        if isinstance(encoder, Clap)
        else replace(encoder, weights=f"{encoder.weights}@{path}")
    )
    return replace(named, window=tuned.window, hop=tuned.window, shortest=tuned.window)
