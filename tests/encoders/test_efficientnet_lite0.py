"""EfficientNet-Lite0 sees what is there, is the published network, and looks at each frame by itself."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from sklearn.datasets import load_sample_images
from torch import Tensor
from torch.nn import functional

from heterophony.encoders.efficientnet_lite0 import STAGES, EfficientNetLite0, to_pixels, weights_path
from heterophony.encoders.efficientnet_lite0_graph import lite0_graph
from heterophony.encoders.onnx_session import single_thread_session

PALACE, DAISY = 698, 985  # ImageNet classes


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    EfficientNetLite0()
    return load_file(weights_path())


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    return [np.array(image) for image in load_sample_images().images]


def in_torch(weights: dict[str, np.ndarray], pixels: np.ndarray) -> np.ndarray:
    """The network once more, in plain torch, with normalisation apart and the kernel sizes of the table."""
    tensors = {name: torch.from_numpy(value) for name, value in weights.items()}

    def conv(x: Tensor, name: str, norm: str, kernel: int, stride: int, groups: int = 1) -> Tensor:
        assert tensors[f"{name}.weight"].shape[-1] == kernel
        total = max((-(-x.shape[-1] // stride) - 1) * stride + kernel - x.shape[-1], 0)
        x = functional.pad(x, [total // 2, total - total // 2] * 2)
        x = functional.conv2d(x, tensors[f"{name}.weight"], stride=stride, groups=groups)
        parts = [tensors[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return functional.batch_norm(x, *parts, eps=1e-3)

    x = functional.relu6(conv(torch.from_numpy(pixels), "_conv_stem", "_bn0", 3, 2))
    number = 0
    for expansion, kernel, first_stride, channels, blocks in STAGES:
        for place in range(blocks):
            name, before = f"_blocks.{number}", x
            if expansion > 1:
                x = functional.relu6(conv(x, f"{name}._expand_conv", f"{name}._bn0", 1, 1))
            stride = first_stride if place == 0 else 1
            x = functional.relu6(conv(x, f"{name}._depthwise_conv", f"{name}._bn1", kernel, stride, x.shape[1]))
            x = conv(x, f"{name}._project_conv", f"{name}._bn2", 1, 1)
            assert x.shape[1] == channels
            x = x + before if place else x
            number += 1
    x = functional.relu6(conv(x, "_conv_head", "_bn1", 1, 1))
    return x.mean(dim=(2, 3)).numpy()


def test_the_graph_is_the_network_written_in_torch(weights: dict[str, np.ndarray], pictures: list[np.ndarray]) -> None:
    expected = in_torch(weights, to_pixels(np.stack(pictures)))
    np.testing.assert_allclose(EfficientNetLite0().encode(np.stack(pictures)[:, None]), expected, atol=1e-3)


@pytest.mark.parametrize(("number", "known"), [(0, PALACE), (1, DAISY)])
def test_a_known_picture_is_recognised(
    weights: dict[str, np.ndarray], pictures: list[np.ndarray], number: int, known: int
) -> None:
    session = single_thread_session(lite0_graph(weights).SerializeToString())
    (logits,) = session.run(["logits"], {"pixels": to_pixels(pictures[number][None])})
    assert logits[0].argmax() == known


def test_a_frame_has_the_same_bytes_alone_and_in_any_batch(pictures: list[np.ndarray]) -> None:
    frames = np.stack([pictures[0], pictures[1], pictures[0][::-1], pictures[1][::-1], pictures[0][:, ::-1]])
    together = EfficientNetLite0().encode(frames[:, None])
    alone = np.concatenate([EfficientNetLite0().encode(frame[None, None]) for frame in frames])
    assert alone.tobytes() == together.tobytes()


def test_pixels_are_scaled_about_zero_and_the_middle_is_looked_at() -> None:
    frame = np.full((256, 512, 3), 255, dtype=np.uint8)
    frame[:, 144:368] = 127  # 224 of 512 columns, in the middle
    np.testing.assert_array_equal(to_pixels(frame[None]), 0.0)
    np.testing.assert_array_equal(to_pixels(np.full((1, 10, 10, 3), 255, dtype=np.uint8)), 1.0)


def test_no_frames_give_no_rows() -> None:
    assert EfficientNetLite0().encode(np.zeros((0, 1, 8, 8, 3), dtype=np.uint8)).shape == (0, 1280)
