"""A sound encoder whose network is a torch module and whose weights the user brings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float32

from heterophony.encoders.encoder import Fingerprint
from heterophony.encoders.own_weights import find_weights
from heterophony.encoders.torch_network import Build, run
from heterophony.media import DECODER


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchSound:
    """Windows to features (NumPy) to vectors (torch, one thread). The network is loaded by the first `encode`.

    Attributes:
        name: In `ENCODERS`.
        weights: In `CHECKPOINTS`, several encoders may share one checkpoint; after a fine-tuning `NAME@FILE`.
        prepare: Windows, `[n, samples]` or `[n, 2, samples]`, to the float32 input of the network; windows by
            themselves.
        build: The loaded network, whose output is `[n, dim]`, from tensors with their published names and settings.
        rate_hz: Sampling rate that it wants, in Hz.
        window: Samples per window.
        hop: Samples between the starts of windows.
        shortest: Shorter recordings are followed by zeros up to so many samples.
        dim: Length of a vector.
        batch: Windows per call.
        channels: 1, the mean; 2, left and right.
        pooling: What is done with the windows where nothing else is asked for.
        padding: What happens to recordings shorter than `shortest`, or inside `prepare`.
        version: Counted up when our own code changes what comes out.
    """

    name: str
    weights: str
    prepare: Callable[[Float32[np.ndarray, "n *channels samples"]], Float32[np.ndarray, "n ..."]]
    build: Build
    rate_hz: int
    window: int
    hop: int
    shortest: int
    dim: int
    batch: int = 1
    channels: Literal[1, 2] = 1
    pooling: str = "mean"
    padding: str = "zeros"
    version: str = "1"
    modality: Literal["sound"] = field(default="sound", init=False)

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors.

        Raises:
            ModelError: The weights are not here.
        """
        short = f"{self.padding} after what is shorter than {self.shortest} samples"
        return Fingerprint(
            encoder=self.name,
            version=self.version,
            modality=self.modality,
            weights_sha256=find_weights(self.weights).sha256,
            rate_hz=self.rate_hz,
            mixing="mean of channels" if self.channels == 1 else "left and right",
            decoder=DECODER,
            window=self.window,
            hop=self.hop,
            padding=f"last window ends on the last sample; {short}",
        )

    def encode(self, windows: Float32[np.ndarray, "n *channels samples"]) -> Float32[np.ndarray, "n dim"]:
        """One vector per window; samples in -1..1. Runs in groups of `batch` windows, so memory stays small.

        Raises:
            ModelError: The weights are not here, or not those of such a network.
        """
        weights = find_weights(self.weights)
        groups = (windows[start : start + self.batch] for start in range(0, len(windows), self.batch))
        parts = [run(self.build, weights, self.prepare(group)) for group in groups]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), dtype=np.float32)
