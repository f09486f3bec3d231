"""What a fold leaves behind besides its predictions."""

from collections.abc import Callable

import numpy as np

from heterophony.recipes.evidence import evidence_of
from heterophony.recipes.samples import Samples
from heterophony.recipes.trained import Said


def test_each_row_has_its_attention_its_vectors_and_its_latent(made: Callable[..., Samples]) -> None:
    samples = made([0, 1, 2, 0], ["sw", "s", "w", "sw"])
    weight = np.array([0.25, 1, 0, 0.5], np.float32)
    said = Said(
        logits=np.zeros((4, 3), np.float32),
        attention={"sound": weight, "words": 1 - weight},
        latent=np.arange(8, dtype=np.float32).reshape(4, 2),
    )
    found = evidence_of(samples, said)
    assert found.ids == samples.ids
    assert found.modalities == ("sound", "words")
    np.testing.assert_array_equal(found.attention[:, 0], weight)
    np.testing.assert_array_equal(found.present, [[1, 1], [1, 0], [0, 1], [1, 1]])
    np.testing.assert_array_equal(found.latent, said.latent)
    assert 1 <= found.before.shape[1] <= 3  # four centred rows span three


def test_vectors_that_are_fine_tuned_are_not_at_hand(made: Callable[..., Samples]) -> None:
    samples = made([0, 1], ["s", "s"])
    numbered = Samples(
        **{name: getattr(samples, name) for name in ("ids", "texts", "groups", "target", "confidence", "sources")},
        vectors={"sound": np.array([[0], [1]], np.int64)},
        present={"sound": samples.present["sound"]},
    )
    said = Said(
        logits=np.zeros((2, 2), np.float32),
        attention={"sound": np.ones(2, np.float32)},
        latent=np.ones((2, 4), np.float32),
    )
    assert evidence_of(numbered, said).before.shape == (2, 0)
