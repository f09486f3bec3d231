import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment.mixing import (
    beta_draws,
    cyclic_partners,
    mixed_priors,
    mixed_targets,
    mixed_weights,
    partners,
    shared_modalities,
)
from heterophony.batches import Batch


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def table() -> Batch:
    present = torch.tensor([[True, True], [True, False], [False, True]])
    inputs = {"sound": torch.ones(3, 4), "words": torch.ones(3, 2)}
    return Batch(inputs=inputs, present=present, target=torch.eye(3), weight=torch.tensor([1.0, 0.5, 0.2]))


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.4, 1.0, 5.0])
def test_draws_have_the_law_of_beta(alpha):
    drawn = beta_draws(alpha, 20_000, generator()).numpy()
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert stats.kstest(drawn, stats.beta(alpha, alpha).cdf).pvalue > 1e-4


def test_partners_are_permutations_and_each_pair_is_equally_likely():
    chance = generator()
    drawn = torch.stack([partners(5, chance) for _ in range(10_000)]).numpy()
    assert np.all(np.sort(drawn, axis=1) == np.arange(5))
    for place in range(5):
        assert stats.chisquare(np.bincount(drawn[:, place], minlength=5)).pvalue > 1e-4


def test_partners_of_one_cycle_are_never_oneself_and_each_other_is_equally_likely():
    chance = generator()
    drawn = torch.stack([cyclic_partners(5, chance) for _ in range(4000)]).numpy()
    assert np.all(np.sort(drawn, axis=1) == np.arange(5))
    for place in range(5):
        counts = np.bincount(drawn[:, place], minlength=5)
        assert counts[place] == 0
        assert stats.chisquare(np.delete(counts, place)).pvalue > 1e-4
    assert cyclic_partners(1, chance).tolist() == [0]
    assert cyclic_partners(0, chance).tolist() == []


def test_only_what_both_have_is_shared():
    assert shared_modalities(table(), torch.tensor([1, 2, 0])).tolist() == [
        [True, False],
        [False, False],
        [False, True],
    ]


def test_targets_are_mixed_by_the_share():
    mixed = mixed_targets(table(), torch.tensor([1, 0, 2]), torch.tensor([0.25, 1.0, 0.3]))
    assert mixed.tolist() == [[0.25, 0.75, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


def test_weights_stay_or_are_mixed_like_the_targets():
    partner, share = torch.tensor([1, 0, 2]), torch.tensor([0.25, 1.0, 0.3])
    assert mixed_weights(table(), partner, share, "own").tolist() == table().weight.tolist()
    assert mixed_weights(table(), partner, share, "mixed").tolist() == pytest.approx([0.625, 0.5, 0.2])


def test_priors_are_mixed_as_probabilities_where_both_samples_have_them() -> None:
    said = torch.tensor([[0.7, 0.3], [0.2, 0.8], [0.0, 0.0], [0.5, 0.5]])
    said[[0, 1, 3]] = said[[0, 1, 3]].log()
    ones = torch.ones(4)
    batch = Batch(
        inputs={"words": torch.zeros(4, 1)},
        present=torch.ones(4, 1, dtype=torch.bool),
        target=torch.eye(2)[[0, 1, 0, 1]],
        weight=ones,
        priors={"words": said},
    )
    mixed = mixed_priors(batch, torch.tensor([1, 0, 3, 2]), torch.tensor([0.25, 1.0, 0.5, 0.5]))["words"]
    torch.testing.assert_close(mixed[0].exp(), torch.tensor([0.25 * 0.7 + 0.75 * 0.2, 0.25 * 0.3 + 0.75 * 0.8]))
    assert torch.equal(mixed[1:], said[1:])  # nothing of the partner; the sample or its partner has no words
