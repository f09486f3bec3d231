from collections.abc import Callable

import numpy as np
import pytest

from heterophony.ensemble import Bagged, Greedy
from heterophony.errors import ConfigError
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy

Make = Callable[..., Predictions]


def test_one_bag_of_everything_is_greedy_selection(member: Make, tree: Taxonomy) -> None:
    members = [member(seed, noise=2.0) for seed in range(5)]
    bagged = Bagged(bags=1, share=1.0, steps=6).fit(members, tree)
    np.testing.assert_allclose(bagged.weights, Greedy(steps=6).fit(members, tree).weights)


def test_bags_of_one_member_give_each_its_share_of_the_draws(member: Make, tree: Taxonomy) -> None:
    members = [member(seed) for seed in range(4)]
    weights = Bagged(bags=400, share=0.25, steps=1, start=1).fit(members, tree).weights
    np.testing.assert_allclose(weights, np.full(4, 0.25), atol=0.08)
    np.testing.assert_allclose(weights.sum(), 1)


def test_the_seed_decides(member: Make, tree: Taxonomy) -> None:
    members = [member(seed, noise=2.0) for seed in range(8)]
    first, again, other = (Bagged(seed=seed, bags=2, steps=3).fit(members, tree).weights for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"bags=0, share=0.5; wanted one or more, and above 0 to 1"):
        Bagged(bags=0)
    with pytest.raises(ConfigError, match=r"bags=12, share=0.0"):
        Bagged(share=0.0)
    with pytest.raises(ConfigError, match="steps=0"):
        Bagged(steps=0)
