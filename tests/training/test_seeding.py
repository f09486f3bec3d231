import pytest
import torch

from heterophony.training import seeded


def test_the_same_seed_gives_the_same_numbers_and_the_outer_state_goes_on():
    with seeded(5):
        before = torch.random.get_rng_state()
        with seeded(7):
            first = torch.rand(4)
        assert torch.equal(torch.random.get_rng_state(), before)
        with seeded(7):
            assert torch.equal(torch.rand(4), first)
        with seeded(8):
            assert not torch.equal(torch.rand(4), first)


def test_the_outer_state_is_given_back_after_an_error():
    before = torch.random.get_rng_state()
    with pytest.raises(RuntimeError, match="size"), seeded(1):
        torch.rand(3) @ torch.rand(4)
    assert torch.equal(torch.random.get_rng_state(), before)
