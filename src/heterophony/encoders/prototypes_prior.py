"""What an embedding says about the class without any training: how near it is to that of each class's definition.

::

    log_prior = log_softmax(cos(x, p_c) / tau)        p_c: embedding of a text that defines class c

Zero-shot classification by text prototypes (Radford et al., 2021, arXiv:2103.00020, section 3.1.2; there with the
trained temperature of CLIP, here tau is given). The texts must be embedded into the space of `x`: by the same sentence
encoder for words, by the text side of CLAP for its sound side. Nothing is fitted on labels.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Shaped

from heterophony.errors import InputError, ModelError
from heterophony.taxonomy import Taxonomy

KEYS = ("key", "class_key")
TEXTS = ("definition", "description")
"""Columns of a table of definitions; the second names are those of the table that comes with BSD10k."""


@dataclass(frozen=True, slots=True, eq=False)
class PrototypesPrior:
    """A prior from prototypes.

    Attributes:
        prototypes: One embedding per class, of any length but zero.
        tau: The cosines are divided by it, > 0. The smaller, the surer.

    Raises:
        ModelError: A prototype is zero or not finite, or `tau` out of range.
    """

    prototypes: Float32[np.ndarray, "classes dim"] = field(repr=False)
    tau: float

    def __post_init__(self) -> None:
        norms = np.linalg.norm(self.prototypes, axis=1)
        if not (np.isfinite(norms) & (norms > 0)).all() or not self.tau > 0:
            raise ModelError(f"prior from prototypes: wanted vectors that are not zero and tau > 0, got tau {self.tau}")

    def log_prior(self, embeddings: Float32[np.ndarray, "n dim"]) -> Float32[np.ndarray, "n classes"]:
        """Log-probabilities of the classes; an embedding of zeros is equally near to all.

        Raises:
            ModelError: The embeddings are of another size than the prototypes.
        """
        from scipy.special import log_softmax

        if embeddings.shape[1] != self.prototypes.shape[1]:
            raise ModelError(
                f"prior from prototypes: embeddings of {embeddings.shape[1]} numbers, definitions of "
                f"{self.prototypes.shape[1]}; embed both with one encoder, or with the two sides of one"
            )
        cosine = _unit(embeddings) @ _unit(self.prototypes).T
        return np.asarray(log_softmax(cosine / self.tau, axis=1), dtype=np.float32)

    def to_arrays(self) -> dict[str, Shaped[np.ndarray, "..."]]:
        """Everything as arrays, for safetensors or npz."""
        return {"prototypes": self.prototypes, "tau": np.array([self.tau], dtype=np.float64)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> "PrototypesPrior":
        """The prior that `to_arrays` gave; the prototypes may have been stored in a narrower float.

        Raises:
            ModelError: An array is missing, or a prototype is zero.
        """
        if not {"prototypes", "tau"} <= set(arrays):
            raise ModelError("prior from prototypes: the arrays prototypes and tau are wanted; the model is incomplete")
        return cls(np.asarray(arrays["prototypes"], dtype=np.float32), float(arrays["tau"][0]))


def definitions_of(taxonomy: Taxonomy) -> tuple[str, ...]:
    """A text for each class, in order: its readable name, and its definition where the tree has one.

    Example:
        >>> definitions_of(Taxonomy("t", ("dog", "cat"), ("pets",), (0, 0), {"dog": "Dog"}, {"dog": "It barks."}))
        ('pets / Dog: It barks.', 'pets / cat')
    """
    readable = [(taxonomy.readable(key), taxonomy.definitions.get(key, "")) for key in taxonomy.classes]
    return tuple(f"{name}: {definition}" if definition else name for name, definition in readable)


def read_definitions(path: Path, classes: Sequence[str]) -> tuple[str, ...]:
    """A text for each class, in order, from a CSV with the columns key (or class_key) and definition (or description).

    Rows of other keys are left alone.

    Raises:
        InputError: No such file, no CSV in UTF-8, a column is missing, or classes have no text or two; all are named.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns, rows = tuple(reader.fieldnames or ()), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"definitions {path}: cannot be read ({error}); wanted 'names', or a CSV in UTF-8") from error
    key, text = (next((name for name in names if name in columns), None) for names in (KEYS, TEXTS))
    if key is None or text is None:
        raise InputError(f"definitions {path}: wanted the columns key,definition, found {', '.join(columns) or 'none'}")
    found = {one: [(row[text] or "").strip() for row in rows if row[key] == one] for one in classes}
    wrong = [one for one, texts in found.items() if len(texts) != 1 or not texts[0]]
    if wrong:
        raise InputError(f"definitions {path}: wanted one text for each class; not so for {', '.join(wrong)}")
    return tuple(texts[0] for texts in found.values())


def _unit(x: Float32[np.ndarray, "n dim"]) -> Float32[np.ndarray, "n dim"]:
    """Rows of length 1; zeros stay zeros."""
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(np.divide(x, norms, out=np.zeros_like(x), where=norms > 0))
