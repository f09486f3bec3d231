"""The prior from words against scikit-learn's own pipeline and on texts whose answer is plain."""

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from heterophony.encoders.regression import UNSEEN
from heterophony.encoders.tfidf_prior import TfidfPrior, TfidfSettings
from heterophony.errors import InputError, ModelError

ANIMALS = ["dog bark", "cat meow", "dog growl at night", "bird song", "cat purr softly"]
TOOLS = ["hammer on metal", "saw cutting wood", "drill in wood", "hammer and nail", "metal saw"]
WEATHER = ["rain on roof", "thunder and rain", "wind at night", "heavy rain", "storm wind"]
TEXTS = ANIMALS + TOOLS + WEATHER
TARGET = np.repeat([0, 1, 2], 5)


@pytest.mark.parametrize(
    "settings",
    [
        TfidfSettings(),
        TfidfSettings(analyzer="char", shortest=2, longest=5),
        TfidfSettings(analyzer="char_wb", c=1.0, min_df=2),
    ],
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_prior_is_that_of_scikit_learn(settings: TfidfSettings, n_classes: int) -> None:
    texts, target = TEXTS[: 5 * n_classes], TARGET[: 5 * n_classes]
    vectorizer = TfidfVectorizer(
        analyzer=settings.analyzer, ngram_range=(settings.shortest, settings.longest), min_df=settings.min_df
    )
    model = LogisticRegression(C=settings.c, tol=1e-8, max_iter=10_000).fit(vectorizer.fit_transform(texts), target)
    new = ["a dog in the rain", "hammer", "nothing known xyz"]
    ours = TfidfPrior.fit(texts, target, n_classes, settings).log_prior(new)
    np.testing.assert_allclose(ours, model.predict_log_proba(vectorizer.transform(new)), atol=5e-3)


def test_words_of_one_class_point_to_it() -> None:
    prior = TfidfPrior.fit(TEXTS, TARGET, 3)
    assert prior.log_prior(["cat", "hammer", "RAIN"]).argmax(axis=1).tolist() == [0, 1, 2]


def test_rows_are_probabilities_and_unseen_classes_are_unlikely_but_not_impossible() -> None:
    log_prior = TfidfPrior.fit(TEXTS, np.array([0, 3, 4])[TARGET], 6).log_prior(TEXTS)
    np.testing.assert_allclose(logsumexp(log_prior, axis=1), 0.0, atol=1e-5)
    assert (log_prior[:, [1, 2, 5]] < UNSEEN + 3).all()
    assert np.isfinite(log_prior).all()


def test_one_class_in_training_gives_that_class() -> None:
    prior = TfidfPrior.fit(ANIMALS, np.zeros(5, dtype=int), 3)
    assert prior.log_prior(["dog", ""]).argmax(axis=1).tolist() == [0, 0]


def test_no_texts_give_no_rows() -> None:
    assert TfidfPrior.fit(TEXTS, TARGET, 3).log_prior([]).shape == (0, 3)


def test_a_prior_comes_back_from_its_arrays_bit_by_bit() -> None:
    prior = TfidfPrior.fit(
        [*TEXTS, "Größe\nzwei “Zeilen”"], np.r_[TARGET, 2], 3, TfidfSettings(analyzer="char", longest=3)
    )
    again = TfidfPrior.from_arrays(prior.to_arrays())
    assert again.settings == prior.settings
    assert again.log_prior(TEXTS).tobytes() == prior.log_prior(TEXTS).tobytes()


def test_arrays_that_lack_something_or_do_not_fit_are_refused() -> None:
    arrays = TfidfPrior.fit(TEXTS, TARGET, 3).to_arrays()
    with pytest.raises(ModelError, match="arrays idf are missing"):
        TfidfPrior.from_arrays({key: value for key, value in arrays.items() if key != "idf"})
    with pytest.raises(ModelError, match="cannot be read"):
        TfidfPrior.from_arrays(arrays | {"words": arrays["words"][:20]})
    with pytest.raises(ModelError, match="n-grams, but weights"):
        TfidfPrior.from_arrays(arrays | {"weights": arrays["weights"][1:]})


def test_texts_without_words_are_refused() -> None:
    with pytest.raises(InputError, match="needs texts with words"):
        TfidfPrior.fit(["", " "], np.array([0, 1]), 2)
    with pytest.raises(InputError, match="empty vocabulary"):
        TfidfPrior.fit(["!", "?"], np.array([0, 1]), 2)
