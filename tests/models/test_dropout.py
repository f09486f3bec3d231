import pytest
import torch

from heterophony.models.dropout import Dropout
from heterophony.training import seeded


@pytest.mark.parametrize("p", [0.025, 0.1, 0.5, 0.9])
def test_each_value_is_dropped_with_the_probability_and_the_rest_scaled(p):
    with seeded(1):
        y = Dropout(p)(torch.ones(1000, 999))
    dropped = (y == 0).float().mean()
    assert abs(dropped - p) < 5 * (p * (1 - p) / y.numel()) ** 0.5
    torch.testing.assert_close(y[y != 0], torch.full_like(y[y != 0], 1 / (1 - p)), rtol=1e-4, atol=0)


def test_values_are_dropped_independently_of_their_neighbours_in_the_same_random_word():
    with seeded(2):
        dropped = (Dropout(0.3)(torch.ones(100_000, 4)) == 0).float()
    correlation = torch.corrcoef(dropped.T)
    assert torch.all((correlation - torch.eye(4)).abs() < 5 / 100_000**0.5)


def test_the_gradient_has_the_same_mask_and_scale():
    x = torch.randn(50, 7, requires_grad=True)
    with seeded(3):
        y = Dropout(0.4)(x)
    y.sum().backward()
    torch.testing.assert_close(x.grad * x, y)


def test_nothing_happens_in_evaluation_mode_or_with_p_zero():
    x = torch.randn(5, 7)
    assert Dropout(0.4).eval()(x) is x
    assert Dropout(0.0)(x) is x


@pytest.mark.parametrize("shape", [(0, 4), (1, 1), (3, 5), (2, 3, 7)])
def test_any_shape_and_precision_keeps_its_kind(shape):
    y = Dropout(0.5)(torch.ones(shape, dtype=torch.bfloat16))
    assert y.shape == shape
    assert y.dtype == torch.bfloat16
    assert "p=0.5" in repr(Dropout(0.5))
