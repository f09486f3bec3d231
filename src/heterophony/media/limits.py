"""What one file may cost: a frozen set of limits that every reader respects."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds beyond which a file is refused or, for its length, cut.

    Attributes:
        max_bytes: Larger files are refused; 64 GiB.
        max_seconds: What comes later is not read, and the result is partial; 24 hours.
        min_seconds: Shorter recordings are refused; 0.01 s, the shortest clip of BSD10k.
        max_channels: More are refused.
        max_rate_hz: Higher sampling rates are refused.
        max_pixels: Larger pictures are refused, before they are decoded; rows count in steps of 64 pixels, as they lie
            in memory.
        timeout_s: Time for one file in a worker process; beyond it the file is refused. 4 h: a day of sound takes ten
            minutes of a core, and many times that where others keep the machine busy.
        memory_bytes: Memory that a worker process may allocate; beyond it the file is refused. 4 GiB.
    """

    max_bytes: int = 64 * 2**30
    max_seconds: float = 24 * 3600.0
    min_seconds: float = 0.01
    max_channels: int = 128
    max_rate_hz: int = 768_000
    max_pixels: int = 2**26
    timeout_s: float = 4 * 3600.0
    memory_bytes: int = 4 * 2**30
