"""n-grams of texts and how often each occurs, as scikit-learn's `CountVectorizer` counts them.

Restated here because importing scikit-learn takes a second, which every `classify` would pay.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

Analyzer = Literal["word", "char", "char_wb"]
_WORD = re.compile(r"\b\w\w+\b")
_BLANKS = re.compile(r"\s\s+")


def ngrams(text: str, analyzer: Analyzer, shortest: int, longest: int) -> Iterator[str]:
    """All n-grams of `shortest` to `longest` words or characters, as often as they occur, in lower case.

    Args:
        text: Any text.
        analyzer: "word": words of two or more letters, digits or underscores; "char": characters, runs of blanks as
            one; "char_wb": characters within words with a blank on each side; a padded word that is shorter than an
            n-gram is taken whole, once.
        shortest: Shortest n-gram.
        longest: Longest n-gram.

    >>> list(ngrams("A dog barks", "word", 1, 2))
    ['dog', 'barks', 'dog barks']
    >>> list(ngrams("dog", "char_wb", 4, 5))
    [' dog', 'dog ', ' dog ']
    """
    return _ANALYZERS[analyzer](text.lower(), shortest, longest)


def _word_ngrams(text: str, shortest: int, longest: int) -> Iterator[str]:
    words = _WORD.findall(text)
    for n in range(shortest, longest + 1):
        for start in range(len(words) - n + 1):
            yield " ".join(words[start : start + n])


def _char_ngrams(text: str, shortest: int, longest: int) -> Iterator[str]:
    text = _BLANKS.sub(" ", text)
    for n in range(shortest, longest + 1):
        for start in range(len(text) - n + 1):
            yield text[start : start + n]


def _char_ngrams_within_words(text: str, shortest: int, longest: int) -> Iterator[str]:
    for word in text.split():
        padded = f" {word} "
        for n in range(shortest, longest + 1):
            for start in range(max(1, len(padded) - n + 1)):
                yield padded[start : start + n]
            if n >= len(padded):
                break


_ANALYZERS: dict[str, Callable[[str, int, int], Iterator[str]]] = {
    "word": _word_ngrams,
    "char": _char_ngrams,
    "char_wb": _char_ngrams_within_words,
}


def count_ngrams(
    texts: Sequence[str], places: Mapping[str, int], analyzer: Analyzer, shortest: int, longest: int
) -> Any:  # noqa: ANN401 - scipy has no types
    """Sparse float32 matrix `[texts, terms]` of how often each known n-gram occurs.

    Args:
        texts: One per row.
        places: Known n-gram to column, 0 to `len(places)` - 1; others are not counted.
        analyzer: As in `ngrams`.
        shortest: Shortest n-gram.
        longest: Longest n-gram.
    """
    from scipy.sparse import csr_array

    starts, columns, counts = [0], [], []
    for text in texts:
        found = Counter(places[gram] for gram in ngrams(text, analyzer, shortest, longest) if gram in places)
        for column in sorted(found):
            columns.append(column)
            counts.append(found[column])
        starts.append(len(columns))
    entries = (np.array(counts, np.float32), np.array(columns, np.int32), np.array(starts, np.int32))
    return csr_array(entries, shape=(len(texts), len(places)))
