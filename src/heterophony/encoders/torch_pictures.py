"""A picture encoder whose network is a torch module and whose weights the user brings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float32, UInt8

from heterophony.encoders.encoder import Fingerprint
from heterophony.encoders.own_weights import find_weights
from heterophony.encoders.torch_network import Build, run


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchPictures:
    """The frames of a second to pixels (NumPy) to a vector (torch, one thread).

    Attributes:
        name: In `ENCODERS`.
        weights: In `CHECKPOINTS`; several encoders may share one checkpoint.
        prepare: Frames `[n, times, height, width, 3]`, 0..255, to the float32 input of the network.
        build: The loaded network, whose output is `[n, dim]`, from tensors with their published names and settings.
        times: When it looks, in seconds within each second.
        size: Pixels per side of the frames.
        fit: How frames become square.
        dim: Length of a vector.
        batch: Seconds per call.
        pooling: What is done with the seconds where nothing else is asked for.
        version: Counted up when our own code changes what comes out.
    """

    name: str
    weights: str
    prepare: Callable[[UInt8[np.ndarray, "n times height width 3"]], Float32[np.ndarray, "n ..."]]
    build: Build
    times: tuple[float, ...]
    size: int
    fit: Literal["crop", "stretch"]
    dim: int
    batch: int = 1
    pooling: str = "mean"
    version: str = "1"
    modality: Literal["pictures"] = field(default="pictures", init=False)

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors.

        Raises:
            ModelError: The weights are not here.
        """
        looks = ", ".join(f"{time:g}" for time in self.times)
        return Fingerprint(
            encoder=self.name,
            version=self.version,
            modality=self.modality,
            weights_sha256=find_weights(self.weights).sha256,
            rate_hz=float(len(self.times)),
            decoder=f"PyAV; bicubic, {self.fit}; frames at {looks} s of each second",
            window=self.size,
        )

    def encode(self, frames: UInt8[np.ndarray, "n times height width 3"]) -> Float32[np.ndarray, "n dim"]:
        """One vector per second. Runs in groups of `batch` seconds, so memory stays small.

        Raises:
            ModelError: The weights are not here, or not those of such a network.
        """
        weights = find_weights(self.weights)
        groups = (frames[start : start + self.batch] for start in range(0, len(frames), self.batch))
        parts = [run(self.build, weights, self.prepare(group)) for group in groups]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), dtype=np.float32)
