import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment import Masking, augmented
from heterophony.augment.masking import random_subsets
from heterophony.batches import Batch
from heterophony.errors import ConfigError


def table(rows: int = 300, dim: int = 512) -> Batch:
    inputs = {"sound": torch.ones(rows, dim), "words": torch.ones(rows, dim)}
    present = torch.ones(rows, 2, dtype=torch.bool)
    return Batch(inputs=inputs, present=present, target=torch.eye(2)[torch.arange(rows) % 2], weight=torch.ones(rows))


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_count_is_uniform_from_one_to_the_limit():
    counts = random_subsets(70_000, 10, 7, generator()).sum(dim=1)
    observed = torch.bincount(counts, minlength=11)
    assert observed[0] == 0
    assert torch.all(observed[8:] == 0)
    assert stats.chisquare(observed[1:8].numpy()).pvalue > 1e-4


def test_the_count_is_uniform_for_an_embedding_too():
    counts = random_subsets(20_000, 512, 358, generator()).sum(dim=1)
    assert counts.min() == 1
    assert counts.max() == 358
    assert stats.kstest(counts.numpy(), stats.randint(1, 359).cdf).pvalue > 1e-4
    assert abs(counts.float().mean() / 512 - 0.3506) < 5 * 0.2 / 20_000**0.5


def test_given_the_count_every_subset_is_equally_likely():
    chosen = random_subsets(60_000, 5, 3, generator()).numpy()
    codes = chosen @ (1 << np.arange(5))
    for count, subsets in ((1, 5), (2, 10), (3, 10)):
        observed = np.unique(codes[chosen.sum(1) == count], return_counts=True)[1]
        assert len(observed) == subsets
        assert stats.chisquare(observed).pvalue > 1e-4


def test_rows_are_independent_of_their_neighbours():
    chosen = random_subsets(20_000, 4, 4, generator()).float()
    neighbours = np.corrcoef(chosen[:-1, 0].numpy(), chosen[1:, 0].numpy())[0, 1]
    assert abs(neighbours) < 5 / 20_000**0.5


def test_it_has_the_law_of_a_slow_restatement():
    rng = np.random.default_rng(1)
    slow = np.zeros((20_000, 10), dtype=bool)
    for row in slow:
        row[rng.choice(10, rng.integers(1, 8), replace=False)] = True
    fast = random_subsets(20_000, 10, 7, generator()).numpy()
    for statistic in (lambda c: c.sum(1), lambda c: c.argmax(1), lambda c: (c @ (1 << np.arange(10))) % 31):
        together = np.stack([np.bincount(statistic(c), minlength=31) for c in (slow, fast)])
        assert stats.chi2_contingency(together[:, together.sum(0) > 0]).pvalue > 1e-4


@pytest.mark.parametrize(("size", "most"), [(1, 1), (2, 1), (3, 3), (512, 1), (512, 512)])
def test_edge_sizes_give_as_many_rows_as_asked(size, most):
    chosen = random_subsets(33, size, most, generator())
    assert chosen.shape == (33, size)
    counts = chosen.sum(dim=1)
    assert counts.min() >= 1
    assert counts.max() <= most


def test_a_limit_of_zero_masks_nothing():
    assert not random_subsets(5, 1, 0, generator()).any()
    batch = table(dim=1)
    assert torch.equal(augmented(batch, Masking(), generator()).inputs["sound"], batch.inputs["sound"])


def test_masked_coordinates_are_zero_and_the_others_untouched():
    batch = table()
    params = Masking().draw(batch, generator())
    masked = Masking().apply(batch, params)
    assert torch.equal(masked.inputs["sound"] == 0, params.masked["sound"])
    assert torch.all(masked.inputs["sound"][~params.masked["sound"]] == 1)
    assert torch.all(batch.inputs["sound"] == 1)


def test_modalities_are_masked_independently():
    masked = Masking().draw(table(rows=2000), generator()).masked
    counts = torch.stack([masked["sound"].sum(1), masked["words"].sum(1)]).float()
    assert abs(torch.corrcoef(counts)[0, 1]) < 5 / 2000**0.5


def test_the_same_generator_gives_the_same_and_the_global_state_stays():
    before = torch.random.get_rng_state()
    first, second = (augmented(table(), Masking(), generator()).inputs["words"] for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("fraction", [-0.1, 1.1])
def test_a_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(ConfigError, match="max_fraction must be from 0 to 1"):
        Masking(max_fraction=fraction)
