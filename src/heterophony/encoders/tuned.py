"""`NAME@FILE`: an encoder of sound or pictures with the weights that it was given by training; see `trainable`.

Training hears recordings rounded to 16 bits (`media.decode`, `media.read_waveforms`), so the trained encoder rounds
what it is given too. The noise of rounding is all that there is in the bands above a recording's own, and log-mels of
small offset show it: without rounding, `fcnn-small` made other vectors, and 39 of 48 test videos were right, not 48.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from heterophony.encoders.clap import Clap
from heterophony.encoders.own_weights import find_weights
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torch_sound import TorchSound
from heterophony.errors import ConfigError
from heterophony.media.waveforms import as_float, as_int16

Windows = Float32[np.ndarray, "n *channels samples"]
Prepare = Callable[[Windows], Float32[np.ndarray, "n ..."]]
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
    window = tuned.window
    if isinstance(encoder, Clap):
        return replace(encoder, file=str(path), window=window, hop=window, shortest=window)
    return replace(
        encoder,
        weights=f"{encoder.weights}@{path}",
        prepare=partial(_prepared, encoder.prepare),
        version=f"{encoder.version}, 16 bits",
        window=window,
        hop=window,
        shortest=window,
    )


def _prepared(prepare: Prepare, windows: Windows) -> Float32[np.ndarray, "n ..."]:
    """The features of windows in 16 bits."""
    return prepare(_in_16_bits(windows))


def _in_16_bits(windows: Windows) -> Windows:
    """Rounded as decoded recordings are; these stay as they are."""
    return as_float(as_int16(windows.reshape(-1))).reshape(windows.shape)
