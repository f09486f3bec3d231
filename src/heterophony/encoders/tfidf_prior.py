"""What the words alone say about the class: logistic regression on TF-IDF, kept as plain arrays.

With counts `c` of n-grams in a text, `n` texts in training and `d` of them that have the n-gram::

    x = c (ln((1 + n) / (1 + d)) + 1)      then divided by its Euclidean length
    log_prior = log_softmax(x W + b)

the smoothed form of scikit-learn (Salton and Buckley, 1988); `W, b` minimise cross-entropy + |W|^2 / (2 C). A class
that training did not have gets a log-prior near `UNSEEN`, never minus infinity. As an input of a network, the rows
that fitted the prior must be given values from fits without them: their own would be too good to be true.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float32, Int, Shaped

from heterophony.encoders.ngrams import Analyzer, count_ngrams
from heterophony.encoders.regression import logistic_regression
from heterophony.errors import InputError, ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class TfidfSettings:
    """How words are counted and how strongly the regression is held back.

    Attributes:
        analyzer: n-grams of "word" (of two or more letters), "char", or "char_wb" (within words).
        shortest, longest: Length of n-grams, in words or characters.
        c: Inverse strength of the quadratic penalty, > 0.
        min_df: n-grams in fewer texts are left out.
        max_features: Only so many of the most frequent n-grams are kept; None keeps all.
    """

    analyzer: Analyzer = "word"
    shortest: int = 1
    longest: int = 2
    c: float = 10.0
    min_df: int = 1
    max_features: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TfidfPrior:
    """A fitted prior.

    Attributes:
        settings: How it was fitted.
        vocabulary: The n-grams, in the order of the rows of `weights`.
        idf: Weight of each n-gram, >= 1.
        weights, bias: Of the regression.
    """

    settings: TfidfSettings
    vocabulary: tuple[str, ...] = field(repr=False)
    idf: Float32[np.ndarray, " terms"] = field(repr=False)
    weights: Float32[np.ndarray, "terms classes"] = field(repr=False)
    bias: Float32[np.ndarray, " classes"] = field(repr=False)

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        target: Int[np.ndarray, " n"],
        n_classes: int,
        settings: TfidfSettings | None = None,
    ) -> "TfidfPrior":
        """The prior that explains `target` (class indices, 0 to `n_classes` - 1) by the texts.

        Raises:
            InputError: There is no text, or no word in any of them, or the lengths differ.
        """
        settings = settings or TfidfSettings()
        if len(texts) != len(target) or not any(text.strip() for text in texts):
            raise InputError(
                f"a prior from words needs texts with words: {len(texts)} texts, {len(target)} targets came"
            )
        vocabulary, idf = _vocabulary(texts, settings)
        weights, bias = _regression(_matrix(texts, vocabulary, idf, settings), target, n_classes, settings)
        return cls(settings, vocabulary, idf, weights, bias)

    def log_prior(self, texts: Sequence[str]) -> Float32[np.ndarray, "n classes"]:
        """Log-probabilities of the classes; a text without a known n-gram gets those of `bias`."""
        from scipy.special import log_softmax

        if not len(texts):
            return np.zeros((0, len(self.bias)), dtype=np.float32)
        logits = _matrix(texts, self.vocabulary, self.idf, self.settings) @ self.weights + self.bias
        return np.asarray(log_softmax(logits.astype(np.float64), axis=1), dtype=np.float32)

    def to_arrays(self) -> dict[str, Shaped[np.ndarray, "..."]]:
        """Everything as arrays, words and settings as JSON in UTF-8 bytes, for safetensors or npz."""
        text = json.dumps({"settings": asdict(self.settings), "vocabulary": self.vocabulary}, ensure_ascii=False)
        words = np.frombuffer(text.encode(), dtype=np.uint8).copy()
        return {"words": words, "idf": self.idf, "weights": self.weights, "bias": self.bias}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> "TfidfPrior":
        """The prior that `to_arrays` gave; numbers may have been stored in a narrower float.

        Raises:
            ModelError: An array is missing, or they do not fit each other.
        """
        missing = {"words", "idf", "weights", "bias"} - set(arrays)
        if missing:
            raise ModelError(
                f"prior from words: arrays {', '.join(sorted(missing))} are missing; the model is incomplete"
            )
        try:
            known = json.loads(arrays["words"].tobytes().decode())
            settings, vocabulary = TfidfSettings(**known["settings"]), tuple(known["vocabulary"])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"prior from words: its vocabulary cannot be read ({error}); the model is altered"
            ) from error
        idf, weights, bias = (np.asarray(arrays[key], dtype=np.float32) for key in ("idf", "weights", "bias"))
        if weights.shape != (len(vocabulary), len(bias)) or idf.shape != (len(vocabulary),):
            raise ModelError(
                f"prior from words: {len(vocabulary)} n-grams, but weights {weights.shape}, idf {idf.shape}, "
                f"bias {bias.shape}; the model is altered"
            )
        return cls(settings, vocabulary, idf, weights, bias)


def _vocabulary(texts: Sequence[str], settings: TfidfSettings) -> tuple[tuple[str, ...], Float32[np.ndarray, " terms"]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer=settings.analyzer,
        ngram_range=(settings.shortest, settings.longest),
        min_df=settings.min_df,
        max_features=settings.max_features,
    )
    try:
        vectorizer.fit(texts)
    except ValueError as error:
        raise InputError(
            f"a prior from words: {error} (analyzer {settings.analyzer}, min_df {settings.min_df})"
        ) from error
    return tuple(vectorizer.get_feature_names_out().tolist()), vectorizer.idf_.astype(np.float32)


def _matrix(
    texts: Sequence[str], vocabulary: tuple[str, ...], idf: Float32[np.ndarray, " terms"], settings: TfidfSettings
) -> Any:  # noqa: ANN401 - scipy has no types
    """Sparse float32 matrix `[texts, terms]`, the same for fitting and for use."""
    places = {term: row for row, term in enumerate(vocabulary)}
    matrix = count_ngrams(texts, places, settings.analyzer, settings.shortest, settings.longest)
    matrix.data *= idf[matrix.indices]
    row = np.repeat(np.arange(len(texts)), np.diff(matrix.indptr))
    squares = np.bincount(row, weights=matrix.data.astype(np.float64) ** 2, minlength=len(texts))
    matrix.data /= np.sqrt(squares)[row]
    return matrix


def _regression(
    matrix: Any,  # noqa: ANN401 - scipy has no types
    target: Int[np.ndarray, " n"],
    n_classes: int,
    settings: TfidfSettings,
) -> tuple[Float32[np.ndarray, "terms classes"], Float32[np.ndarray, " classes"]]:
    """Weights and bias, fitted with the n-grams of single texts merged."""
    merging = _merge_single(matrix)
    weights, bias = logistic_regression(matrix @ merging, target, n_classes, c=settings.c)
    return merging @ weights, bias


def _merge_single(matrix: Any) -> Any:  # noqa: ANN401 - scipy has no types
    """Orthonormal sparse matrix `[terms, fewer]` with one column for all the n-grams that only one text has.

    With a quadratic penalty the best weights lie in the span of the rows of `matrix`. There, the n-grams that only
    text `i` has appear in fixed proportion (its own values), so one weight along that direction loses nothing. Most
    n-grams are such: the fit gets several times faster and stays the same.
    """
    from scipy.sparse import csc_array, csr_array

    columns = csc_array(matrix)
    counts = np.diff(columns.indptr)
    common, single = np.flatnonzero(counts != 1), np.flatnonzero(counts == 1)
    at = columns.indptr[single]
    owner, value = columns.indices[at], columns.data[at].astype(np.float64)
    texts, group = np.unique(owner, return_inverse=True)
    length = np.sqrt(np.bincount(group, weights=value**2, minlength=len(texts)))
    entries = np.r_[np.ones(len(common)), value / length[group]].astype(np.float32)
    rows = np.r_[common, single]
    targets = np.r_[np.arange(len(common)), len(common) + group]
    return csr_array((entries, (rows, targets)), shape=(matrix.shape[1], len(common) + len(texts)))
