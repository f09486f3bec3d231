"""What members of a pool say about labelled rows, as one array: the input of the searches over subsets.

A subset says, of each row, the class with the largest sum of its members' values, taken in float32 member after member
in ascending order; the lowest index among equals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, Int64

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics import DRAWABLE, confusion_matrix
from heterophony.metrics.evaluate import WITH_RULE
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, eq=False)
class MemberValues:
    """One layer of `values` per member; rows and classes in one order.

    Attributes:
        values: What is summed: logits, probabilities or votes (`vote_values`).
        target: Index of the true class.
        fold: Of each row; scores are taken fold by fold.
        taxonomy: Its classes are the columns.

    Raises:
        AlignmentError: If the parts do not fit each other.
        InputError: If a value is not finite, a target is unknown or no class, or there is no row.
    """

    values: Float32[np.ndarray, "members rows classes"]
    target: Int[np.ndarray, " rows"]
    fold: Int[np.ndarray, " rows"]
    taxonomy: Taxonomy

    def __post_init__(self) -> None:
        _, rows, classes = self.values.shape
        if (len(self.target), len(self.fold), self.taxonomy.n_classes) != (rows, rows, classes):
            raise AlignmentError(
                f"values of shape {self.values.shape} with {len(self.target)} targets and {len(self.fold)} folds; "
                f"wanted [members, rows, {self.taxonomy.n_classes} classes of {self.taxonomy.name!r}], a target and a "
                "fold per row"
            )
        if not rows:
            raise InputError("no labelled row to score; give rows whose target is known")
        outside = np.flatnonzero((self.target < 0) | (self.target >= classes))
        if len(outside):
            raise InputError(f"target {self.target[outside[0]]} of row {outside[0]}: wanted 0..{classes - 1}")
        broken = np.flatnonzero(~np.isfinite(self.values).all(axis=(1, 2)))
        if len(broken):
            raise InputError(f"member {broken[0]} has values that are not finite; give finite logits or votes")

    @property
    def folds(self) -> tuple[int, ...]:
        """The numbers of the folds, ascending."""
        return tuple(np.unique(self.fold).tolist())

    def __len__(self) -> int:
        """How many members there are."""
        return len(self.values)

    def rows(self, held: Bool[np.ndarray, " rows"]) -> "MemberValues":
        """The rows where `held` is true."""
        return MemberValues(self.values[:, held], self.target[held], self.fold[held], self.taxonomy)

    def confusions(self, members: Sequence[int]) -> Int64[np.ndarray, "folds classes classes"]:
        """The confusion matrix of one subset on each fold.

        Raises:
            ConfigError: If there is no member, or one stands twice or is not in the pool.
        """
        ordered = sorted(set(members))
        if not ordered or len(ordered) != len(members) or ordered[0] < 0 or ordered[-1] >= len(self):
            raise ConfigError(f"members {tuple(members)}: wanted different ones of 0..{len(self) - 1}")
        total = self.values[ordered[0]].copy()
        for member in ordered[1:]:
            total += self.values[member]
        said = total.argmax(axis=1)
        n = self.taxonomy.n_classes
        return np.stack([confusion_matrix(self.target[self.fold == k], said[self.fold == k], n) for k in self.folds])

    def score(
        self, members: Sequence[int], name: str = "hierarchical_f1", never_predicted: NeverPredicted = "zero"
    ) -> Float64[np.ndarray, " folds"]:
        """A score of one subset on each fold; raises like `confusions`, or for a name that is not in `DRAWABLE`."""
        if name not in DRAWABLE:
            raise ConfigError(f"no score {name!r} of confusion matrices; wanted one of {', '.join(DRAWABLE)}")
        confusions = self.confusions(members)
        if name in WITH_RULE:
            return WITH_RULE[name](confusions, self.taxonomy, never_predicted)
        return DRAWABLE[name](confusions, self.taxonomy)
