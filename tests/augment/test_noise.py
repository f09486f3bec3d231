import pytest
import torch

from heterophony.augment import Noise, augmented
from heterophony.batches import Batch
from heterophony.errors import ConfigError


def table(rows: int = 400, dim: int = 512) -> Batch:
    present = torch.ones(rows, 2, dtype=torch.bool)
    present[::3, 1] = False
    inputs = {"sound": torch.ones(rows, dim), "words": torch.ones(rows, dim // 2) * present[:, 1:]}
    return Batch(inputs=inputs, present=present, target=torch.eye(2)[torch.arange(rows) % 2], weight=torch.ones(rows))


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(7)


def test_what_is_added_is_normal_with_the_asked_standard_deviation():
    batch = table()
    added = Noise(sigma=0.5).draw(batch, generator()).noise["sound"].flatten()
    n = len(added)
    assert abs(added.mean()) < 5 * 0.5 / n**0.5
    assert abs(added.std() / 0.5 - 1) < 5 / (2 * n) ** 0.5
    within = (added.abs() < 0.5).float().mean()
    assert abs(within - 0.6827) < 5 * (0.6827 * 0.3173 / n) ** 0.5


def test_applying_adds_what_was_drawn_and_leaves_the_original():
    batch = table()
    params = Noise().draw(batch, generator())
    noisy = Noise().apply(batch, params)
    assert torch.equal(noisy.inputs["sound"], batch.inputs["sound"] + params.noise["sound"])
    assert torch.all(batch.inputs["sound"] == 1)
    assert noisy.target is batch.target


def test_absent_rows_stay_zero():
    batch = table()
    noisy = augmented(batch, Noise(), generator())
    assert torch.all(noisy.inputs["words"][~batch.present[:, 1]] == 0)
    assert torch.all(noisy.inputs["words"][batch.present[:, 1]] != 0)


def test_sigma_zero_changes_nothing():
    batch = table()
    assert torch.equal(augmented(batch, Noise(sigma=0.0), generator()).inputs["sound"], batch.inputs["sound"])


def test_modalities_are_drawn_independently():
    noise = Noise().draw(table(dim=512), generator()).noise
    present = table().present[:, 1]
    pair = torch.stack([noise["sound"][present, :256].flatten(), noise["words"][present].flatten()])
    assert abs(torch.corrcoef(pair)[0, 1]) < 5 / pair.shape[1] ** 0.5


def test_the_same_generator_gives_the_same_and_the_global_state_stays():
    before = torch.random.get_rng_state()
    first, second = (augmented(table(), Noise(), generator()).inputs["sound"] for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_negative_sigma_is_refused():
    with pytest.raises(ConfigError, match="sigma must be >= 0"):
        Noise(sigma=-1.0)
