"""A tree of classes of one or two levels: the names that a model may answer with, and which belong together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
from jaxtyping import Float32

from heterophony.errors import InputError


@dataclass(frozen=True)
class Taxonomy:
    """Classes in index order, each under one top level.

    A tree of one level is a tree in which every class is its own top: `tops == classes`.

    Attributes:
        name: What the tree is called ("bst").
        classes: Keys of the classes; the position is the training label.
        tops: Keys of the top level; the position is the label of that level.
        top_of: For each class the index of its top.
        names: Key to readable name; a key without one is shown as it is.
        definitions: Key to a sentence that says what belongs there; may be empty.

    Raises:
        InputError: If a class or top is named twice, the lengths differ, a top index is out of range, a top has
            no class, or there is no class at all.
    """

    name: str
    classes: tuple[str, ...]
    tops: tuple[str, ...]
    top_of: tuple[int, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.classes:
            raise InputError(f"taxonomy {self.name!r}: no classes; give at least one")
        for level, keys in (("class", self.classes), ("top level", self.tops)):
            doubled = sorted({key for key in keys if keys.count(key) > 1})
            if doubled:
                raise InputError(f"taxonomy {self.name!r}: {level} named more than once: {', '.join(doubled)}")
        if len(self.top_of) != len(self.classes):
            raise InputError(
                f"taxonomy {self.name!r}: {len(self.classes)} classes but {len(self.top_of)} entries in top_of; "
                "each class needs the index of its top"
            )
        if set(self.top_of) != set(range(len(self.tops))):
            raise InputError(
                f"taxonomy {self.name!r}: top_of must use every index 0..{len(self.tops) - 1} of its "
                f"{len(self.tops)} tops, and no other; it uses {sorted(set(self.top_of))}"
            )

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    @property
    def n_tops(self) -> int:
        """Number of top levels."""
        return len(self.tops)

    @property
    def levels(self) -> int:
        """1 if every class is its own top, else 2."""
        return 1 if self.tops == self.classes else 2

    def index(self, label: str) -> int:
        """The training label of a class.

        Raises:
            InputError: If the tree has no such class; the message has the nearest one.
        """
        try:
            return self.classes.index(label)
        except ValueError:
            near = get_close_matches(label, self.classes, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {_listed(self.classes)}"
            raise InputError(f"taxonomy {self.name!r} has no class {label!r}: {hint}") from None

    def top(self, label: str) -> str:
        """The key of the top level of a class; raises like `index`."""
        return self.tops[self.top_of[self.index(label)]]

    @property
    def membership(self) -> Float32[np.ndarray, "classes tops"]:
        """1 where the class belongs to the top, else 0: `probabilities @ membership` are those of the tops."""
        table = np.zeros((self.n_classes, self.n_tops), np.float32)
        table[np.arange(self.n_classes), self.top_of] = 1
        return table

    def readable(self, key: str) -> str:
        """The name to show: "Sound effects / animals" for a class, "Sound effects" for a top.

        Raises:
            InputError: If the tree has no such key.
        """
        name = self.names.get(key, key)
        if key in self.tops:
            return name
        top = self.top(key)
        return f"{self.names.get(top, top)} / {name}"


def from_pairs(name: str, labels: Iterable[str], tops: Iterable[str] | None = None) -> Taxonomy:
    """The tree that two columns of a manifest imply, classes and tops in alphabetical order.

    Underscores in a key are blanks in its readable name.

    Args:
        name: What to call the tree.
        labels: The class of each sample.
        tops: The top level of each sample, in the same order; None for a tree of one level.

    Raises:
        InputError: If a class stands under two tops, a label is empty, or the columns differ in length.
    """
    labels = list(labels)
    tops = list(labels if tops is None else tops)
    if len(labels) != len(tops):
        raise InputError(f"taxonomy {name!r}: {len(labels)} labels but {len(tops)} top levels")
    parent: dict[str, str] = {}
    for label, top in zip(labels, tops, strict=True):
        if not label or not top:
            raise InputError(
                f"taxonomy {name!r}: empty name in the pair ({label!r}, {top!r}); label it or leave it out"
            )
        if parent.setdefault(label, top) != top:
            raise InputError(f"taxonomy {name!r}: class {label!r} stands under both {parent[label]!r} and {top!r}")
    classes = tuple(sorted(parent))
    top_keys = tuple(sorted(set(parent.values())))
    top_of = tuple(top_keys.index(parent[key]) for key in classes)
    names = {key: key.replace("_", " ") for key in (*top_keys, *classes) if "_" in key}
    return Taxonomy(name, classes, top_keys, top_of, names)


def _listed(keys: tuple[str, ...], most: int = 12) -> str:
    """The first few keys, and how many more there are."""
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return ", ".join(keys[:most]) + more
