"""Pixels are those of torchvision's transforms; the vector of a second is the sum over its frames, in any order."""

import numpy as np
import torch
from torch import nn

from heterophony.encoders.torchvision_models import torchvision_models
from heterophony.encoders.two_frames import TIMES, SumOfFrames, to_pixels
from heterophony.training import seeded


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


class Counted(nn.Module):
    """Counts what goes through a small network with normalisation."""

    def __init__(self) -> None:
        super().__init__()
        with seeded(0):
            self.inner = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AvgPool2d(4), nn.Flatten())
        self.batches: list[int] = []

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        self.batches.append(len(pixels))
        out: torch.Tensor = self.inner(pixels)
        return out


def test_training_looks_at_all_frames_at_once_evaluation_one_by_one_and_at_still_pictures_once() -> None:
    frames = torch.randn(3, 2, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    still = frames[:, :1].expand(-1, 2, -1, -1, -1)
    network = Counted()
    summed = SumOfFrames(network)
    for mode, pixels, batches in (
        (True, frames, [6]),
        (True, still, [3]),
        (False, frames, [3, 3]),
        (False, still, [3]),
        (False, torch.cat([frames, still]), [6, 6]),
    ):
        network.batches.clear()
        summed.train(mode)(pixels)
        assert network.batches == batches


def test_in_training_the_vectors_are_those_of_one_batch_of_all_frames() -> None:
    frames = torch.randn(3, 2, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    ours, theirs = Counted().train(), Counted().train()
    summed = SumOfFrames(ours)(frames)
    each = theirs(torch.cat([frames[:, 0], frames[:, 1]]))
    torch.testing.assert_close(summed, each[:3] + each[3:])
    torch.testing.assert_close(ours.inner[1].running_var, theirs.inner[1].running_var)
    ours.inner[1].reset_running_stats()
    torch.testing.assert_close(SumOfFrames(ours)(frames.flip(1)), summed)


def test_the_order_of_two_frames_changes_no_bit() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(108, 5))
    frames = torch.randn(3, 2, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    assert torch.equal(SumOfFrames(network)(frames), SumOfFrames(network)(frames.flip(1)))
