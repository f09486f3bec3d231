import numpy as np
import pytest
import torch

from heterophony.errors import InputError
from heterophony.models import Hatr
from heterophony.training import infer, predict, seeded


@pytest.fixture
def model() -> Hatr:
    with seeded(0):
        return Hatr({"m0": 16, "m1": 16}, 3, 2, dim=16, hidden=20)


@pytest.mark.parametrize("size", [1, 7, 50, 1024])
def test_the_size_of_the_pieces_does_not_change_the_logits(model, blobs, size):
    table = blobs(50)
    whole = model.eval()(table).logits["class"].detach().numpy()
    np.testing.assert_allclose(predict(model, table, size), whole, atol=1e-6)


def test_every_part_of_the_output_covers_every_row_in_order(model, blobs):
    table = blobs(50)
    output, whole = infer(model, table, size=16), model.eval()(table)
    torch.testing.assert_close(output.latent, whole.latent)
    torch.testing.assert_close(output.attention, whole.attention)
    torch.testing.assert_close(output.logits["top"], whole.logits["top"])
    assert not output.latent.requires_grad


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_in_the_same_mode_as_before_even_after_an_error(model, blobs, training):
    model.train(training)
    statistics = [b.clone() for b in model.buffers()]
    predict(model, blobs(9))
    assert model.training is training
    assert all(torch.equal(a, b) for a, b in zip(statistics, model.buffers(), strict=True))
    with pytest.raises(Exception, match="takes the modalities"):
        predict(model, blobs(9, modalities=1))
    assert model.training is training


def test_no_rows_are_refused(model, blobs):
    with pytest.raises(InputError, match="the table has no rows"):
        predict(model, blobs(0))
