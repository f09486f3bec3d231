"""CLAP, the sound branch: HTS-AT and a projection, trained so that recordings lie near their descriptions.

Source: Wu et al., "Large-Scale Contrastive Language-Audio Pretraining with Feature Fusion and Keyword-to-Caption
Augmentation", ICASSP 2023. "clap" is the model with feature fusion (630k-audioset-fusion-best.pt, with which the
organisers of DCASE 2026 task 1 made their vectors), "clap-unfused" the one without (630k-audioset-best.pt).

Its own loaders draw lots: of a recording over 10 s, LAION's package and transformers take a crop at random (unfused),
or three crops at random beside the whole shrunk to 10 s (fused); transformers even declares one recording of a batch
at random to be longer than 10 s. Here a recording is covered by windows of 10 s, and each is encoded as the recording
of 10 s that it is. The vector of a window is the projection before its division by its length; a recording is the mean
of these, then divided by its length (pooling "unit-mean"), as by the winner of the challenge. Up to 10 s that is the
vector of LAION's package, but for its rounding of samples to 16 bits; beyond, it is another one than any of its draws.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float32

from heterophony.encoders.clap_network import BuildSound
from heterophony.encoders.encoder import Fingerprint
from heterophony.encoders.own_weights import Weights, find_weights
from heterophony.encoders.run_graph import run_graph
from heterophony.encoders.torch_network import run
from heterophony.features.clap_log_mel import RATE_HZ, WINDOW, clap_log_mel
from heterophony.media import DECODER


@dataclass(frozen=True, slots=True)
class Clap:
    """Sound encoder: windows of 10 s at 48 kHz to 512 numbers; the network is loaded by the first `encode`.

    Attributes:
        name: "clap" or "clap-unfused", in `CHECKPOINTS` too. The weights are a checkpoint in either published layout,
            or an ONNX graph from `input_features` `[n, 1, 1001, 64]` to `audio_embeds`.
        window: Samples per window, at most 10 s; fewer only after a training on shorter ones.
        hop: Samples between the starts of windows.
        shortest: Shorter recordings are followed by zeros up to so many samples, before they are repeated.
        file: Fine-tuned weights to use in place of the published ones; "" for these.
    """

    name: str
    modality: Literal["sound"] = field(default="sound", init=False)
    rate_hz: int = field(default=RATE_HZ, init=False)
    window: int = WINDOW
    hop: int = WINDOW
    shortest: int = 1
    file: str = ""
    channels: Literal[1] = field(default=1, init=False)
    batch: int = field(default=1, init=False)
    dim: int = field(default=512, init=False)
    pooling: str = field(default="unit-mean", init=False)

    @property
    def fused(self) -> bool:
        """Whether it was trained with feature fusion."""
        return self.name == "clap"

    @property
    def weights(self) -> str:
        """Where its weights are, as `find_weights` takes it."""
        return f"{self.name}@{self.file}" if self.file else self.name

    @property
    def build(self) -> BuildSound:
        """What makes its network."""
        return BuildSound(self.fused)

    def prepare(self, windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n 1 1001 64"]:
        """Windows of 1 to 480,000 samples to the input of its network."""
        return clap_log_mel(windows, fused=self.fused)[:, None]

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors.

        Raises:
            ModelError: The weights are not here.
        """
        return Fingerprint(
            encoder=self.name,
            version="1",
            modality=self.modality,
            weights_sha256=find_weights(self.weights).sha256,
            rate_hz=self.rate_hz,
            mixing="mean of channels",
            decoder=DECODER,
            window=self.window,
            hop=self.hop,
            padding=self._padding(),
        )

    def encode(self, windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n dim"]:
        """One vector per window, not of length 1; samples in -1..1. Windows are run one by one.

        Raises:
            ModelError: The weights are not here, or not those of such a network.
        """
        weights = find_weights(self.weights)
        parts = [self._encode(weights, windows[row : row + 1]) for row in range(len(windows))]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), dtype=np.float32)

    def _encode(self, weights: Weights, window: Float32[np.ndarray, "1 samples"]) -> Float32[np.ndarray, "1 dim"]:
        features = self.prepare(window)
        if weights.path.suffix == ".onnx":
            return run_graph(weights, {"input_features": features}, "audio_embeds")
        return run(self.build, weights, features)

    def _padding(self) -> str:
        zeros = f"zeros up to {self.shortest} samples; " if self.shortest > 1 else ""
        return f"last window ends on the last sample; {zeros}what is shorter than a window is repeated, then zeros"
