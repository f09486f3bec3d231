"""Files to arrays: sound, pictures and words out of recordings and videos, one file at a time or many at once."""

from heterophony.media.clock import Clock, read_clock
from heterophony.media.decode_all import decode
from heterophony.media.decoded import Decoded
from heterophony.media.decoded_index import open_decoded
from heterophony.media.form import DECODER, Form
from heterophony.media.limits import Limits
from heterophony.media.long_sound import LongSound, Piece
from heterophony.media.pool import run_in_workers
from heterophony.media.seconds import iter_seconds
from heterophony.media.sound import SoundStream
from heterophony.media.sound_streams import SoundStreams
from heterophony.media.stretch import Stretch
from heterophony.media.tags import Words, read_tags
from heterophony.media.wanted import Item, Looks, Wanted
from heterophony.media.waveforms import Waveforms, read_waveforms

__all__ = [
    "DECODER",
    "Clock",
    "Decoded",
    "Form",
    "Item",
    "Limits",
    "LongSound",
    "Looks",
    "Piece",
    "SoundStream",
    "SoundStreams",
    "Stretch",
    "Wanted",
    "Waveforms",
    "Words",
    "decode",
    "iter_seconds",
    "open_decoded",
    "read_clock",
    "read_tags",
    "read_waveforms",
    "run_in_workers",
]
