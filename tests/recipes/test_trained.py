"""What a trained recipe says, of whatever a sample has."""

from dataclasses import replace

import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.predictions import log_softmax
from heterophony.recipes.samples import Samples
from heterophony.recipes.trained import Temperature, Trained, average, has_just, subsets


def hidden(samples: Samples, modality: str, rows: np.ndarray) -> Samples:
    """The samples as if these rows had never had the modality."""
    there = samples.present[modality].copy()
    there[rows] = False
    vectors = {**samples.vectors, modality: samples.vectors[modality] * there[:, None]}
    texts = tuple("" if modality == "words" and row in rows else text for row, text in enumerate(samples.texts))
    return replace(samples, vectors=vectors, present={**samples.present, modality: there}, texts=texts)


def test_rows_without_what_is_asked_for_get_no_answer(trained: Trained, corpus_samples: Samples) -> None:
    batch = trained.table(corpus_samples)
    for modality in trained.dims:
        said = trained.say(batch, (modality,))
        there = corpus_samples.present[modality]
        assert np.isfinite(said.logits[there]).all()
        assert np.isnan(said.logits[~there]).all()
        assert not said.attention[modality][~there].any()
    assert np.isfinite(trained.say(batch).logits).all()


def test_leaving_a_modality_out_is_the_same_as_never_having_had_it(trained: Trained, corpus_samples: Samples) -> None:
    rows = np.flatnonzero(has_just(corpus_samples, ("sound", "words")))
    both = corpus_samples.take(rows)
    asked = trained.say(trained.table(both), ("sound",)).logits
    without = trained.say(trained.table(hidden(both, "words", np.arange(len(both))))).logits
    np.testing.assert_allclose(asked, without, rtol=1e-5, atol=1e-5)


def test_what_is_said_of_a_row_does_not_depend_on_the_others(trained: Trained, corpus_samples: Samples) -> None:
    whole = trained.say(trained.table(corpus_samples)).logits
    other = hidden(corpus_samples, "words", np.arange(5, 36))
    np.testing.assert_allclose(trained.say(trained.table(other)).logits[:5], whole[:5], rtol=1e-4, atol=1e-5)
    alone = trained.say(trained.table(corpus_samples.take(np.array([7])))).logits
    np.testing.assert_allclose(alone[0], whole[7], rtol=1e-4, atol=1e-5)


def test_attention_is_shared_among_what_is_there(trained: Trained, corpus_samples: Samples) -> None:
    said = trained.say(trained.table(corpus_samples))
    np.testing.assert_allclose(said.attention["sound"] + said.attention["words"], 1, atol=1e-5)
    lacking = ~corpus_samples.present["words"]
    np.testing.assert_allclose(said.attention["sound"][lacking], 1, atol=1e-6)


def test_members_are_averaged_as_log_probabilities(trained: Trained, corpus_samples: Samples) -> None:
    batch = trained.table(corpus_samples)
    single = trained.say(batch).logits
    double = replace(trained, members=[*trained.members, *trained.members]).say(batch).logits
    np.testing.assert_allclose(double, log_softmax(single), rtol=1e-4, atol=1e-5)
    other = np.roll(single, 1, axis=1)
    mean = (log_softmax(single) + log_softmax(other)) / 2
    np.testing.assert_allclose(average([single, other]), mean, rtol=1e-5, atol=1e-6)
    assert average([single]) is single


def test_every_set_of_modalities_is_listed_once() -> None:
    assert list(subsets(("a", "b"))) == [("a",), ("b",), ("a", "b")]
    assert len(list(subsets("abcd"))) == 15


def test_having_just_these_means_no_other(corpus_samples: Samples) -> None:
    sets = [has_just(corpus_samples, some) for some in subsets(("sound", "words"))]
    assert [int(rows.sum()) for rows in sets] == [6, 6, 24]
    np.testing.assert_array_equal(np.sum(sets, axis=0), 1)


def test_a_set_without_a_temperature_is_refused_and_an_uncalibrated_model_has_one(trained: Trained) -> None:
    one = replace(trained, temperatures={"sound": Temperature(value=1.5, samples=60)})
    assert one.temperature(("sound",)) == 1.5
    with pytest.raises(InputError, match="no temperature for samples with sound\\+words; there are: sound"):
        one.temperature(("sound", "words"))
    assert replace(trained, temperatures={}).temperature(("words",)) == 1.0
