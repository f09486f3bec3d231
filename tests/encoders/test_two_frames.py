"""Pixels are those of torchvision's transforms; the vector of a second is the sum over its frames, in any order."""

import numpy as np
import torch
from torch import nn

from heterophony.encoders.torchvision_models import torchvision_models
from heterophony.encoders.two_frames import TIMES, SumOfFrames, to_pixels


def test_frames_1_and_15_of_30_a_second_are_looked_at() -> None:
    assert [round(30 * time) + 1 for time in TIMES] == [1, 15]


def test_pixels_are_those_of_torchvision() -> None:
    torchvision_models()
    from torchvision.transforms import functional

    frames = np.random.default_rng(0).integers(0, 256, (2, 2, 5, 7, 3), dtype=np.uint8)
    pixels = to_pixels(frames)
    assert pixels.shape == (2, 2, 3, 5, 7)
    for second in range(2):
        for time in range(2):
            plain = functional.to_tensor(frames[second, time])
            wanted = functional.normalize(plain, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
            np.testing.assert_allclose(pixels[second, time], wanted.numpy(), atol=1e-6)


def test_two_equal_frames_give_twice_the_vector_of_one() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    frame = torch.randn(2, 1, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    once, twice = network(frame[:, 0]), SumOfFrames(network)(frame.repeat(1, 2, 1, 1, 1))
    assert torch.equal(twice, 2 * once)


def test_the_order_of_two_frames_changes_no_bit() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(108, 5))
    frames = torch.randn(3, 2, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    assert torch.equal(SumOfFrames(network)(frames), SumOfFrames(network)(frames.flip(1)))
