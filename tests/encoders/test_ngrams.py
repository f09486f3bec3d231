"""n-grams against scikit-learn, and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(deadline=None)
@given(
    st.lists(st.text(alphabet=st.sampled_from("abÄß 1_-.,\n\té世'"), max_size=30), min_size=1, max_size=4),
    st.sampled_from(["word", "char", "char_wb"]),
    st.tuples(st.integers(1, 5), st.integers(1, 5)).map(sorted),
)
def test_counts_are_those_of_scikit_learn(texts, analyzer, lengths):
    from sklearn.feature_extraction.text import CountVectorizer

    from heterophony.encoders.ngrams import count_ngrams, ngrams

    shortest, longest = lengths
    known = sorted({gram for text in texts[:2] for gram in ngrams(text, analyzer, shortest, longest)}) or ["x"]
    outside = CountVectorizer(analyzer=analyzer, ngram_range=(shortest, longest), vocabulary=known)
    ours = count_ngrams(texts, {gram: at for at, gram in enumerate(known)}, analyzer, shortest, longest)
    np.testing.assert_array_equal(ours.toarray(), outside.transform(texts).toarray())
    assert ours.dtype == np.float32


@pytest.mark.parametrize(
    ("text", "analyzer", "lengths", "grams"),
    [
        ("Heavy rain, at 5", "word", (1, 2), ["heavy", "rain", "at", "heavy rain", "rain at"]),
        ("A  hum", "char", (4, 5), ["a hu", " hum", "a hum"]),
        ("A  hum", "char_wb", (4, 5), [" a ", " hum", "hum ", " hum "]),
    ],
)
def test_grams_by_hand(text, analyzer, lengths, grams):
    from heterophony.encoders.ngrams import ngrams

    assert list(ngrams(text, analyzer, *lengths)) == grams


def test_scoring_words_does_not_import_scikit_learn():
    import subprocess
    import sys

    code = (
        "import sys, numpy as np\n"
        "from heterophony.encoders.tfidf_prior import TfidfPrior, TfidfSettings\n"
        "one = np.ones((2, 2), dtype=np.float32)\n"
        "TfidfPrior(TfidfSettings(), ('dog', 'rain'), one[0], one, one[0]).log_prior(['rain', 'no word'])\n"
        "assert 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
