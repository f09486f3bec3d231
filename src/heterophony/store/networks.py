"""The encoders of this process, each loaded once."""

from functools import cache

from heterophony.encoders import Encoder, load_encoder


@cache
def loaded(name: str) -> Encoder:
    """The encoder of this name; its network is loaded by its first use and stays."""
    return load_encoder(name)
