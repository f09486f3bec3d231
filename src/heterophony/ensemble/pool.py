"""The members of an ensemble side by side: the same ids in the same order, folds, classes and targets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Predictions, align
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """What one model says.

    Attributes:
        name: What it is called.
        test: Its predictions for the test rows of all folds.
        validation: Fold to its predictions for the rows that the model of this fold was chosen on; empty where it kept
            none.
        said: What its table held: "distribution", "top-score" (a class and its score) or "top" (a class alone).
    """

    name: str
    test: Predictions
    validation: Mapping[int, Predictions] = field(default_factory=dict)
    said: str = "distribution"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """Members that belong together; made by `pool_of`.

    Attributes:
        members: Two or more, their rows in one order.
        taxonomy: The tree of all.
    """

    members: Sequence[Member]
    taxonomy: Taxonomy

    @property
    def names(self) -> tuple[str, ...]:
        """Of the members, in order."""
        return tuple(member.name for member in self.members)

    @property
    def tests(self) -> list[Predictions]:
        """The test tables of all folds."""
        return [member.test for member in self.members]

    @property
    def folds(self) -> list[int]:
        """The folds that have a labelled test row."""
        first = self.members[0].test
        return sorted({int(fold) for fold in first.fold[first.target >= 0]})

    def in_folds(self, folds: Sequence[int]) -> list[Predictions]:
        """The test rows of some folds."""
        rows = np.flatnonzero(np.isin(self.members[0].test.fold, folds))
        return [member.test.take(rows) for member in self.members]

    def validation(self, fold: int) -> list[Predictions]:
        """The validation rows of a fold that all members have, in one order.

        Members that were chosen on other rows of a fold (only those of sure annotators, say) share some of them.

        Raises:
            InputError: A member has none; all such are named.
            AlignmentError: There is no row that all have, or classes or targets differ.
        """
        lacking = [member.name for member in self.members if fold not in member.validation]
        if lacking:
            raise InputError(f"no validation predictions of fold {fold}: {', '.join(lacking)}")
        tables = [member.validation[fold] for member in self.members]
        common = set(tables[0].ids).intersection(*(table.ids for table in tables))
        if not common:
            raise AlignmentError(f"fold {fold}: no validation row that all of {', '.join(self.names[:5])} have")
        kept = [table.take(np.flatnonzero([key in common for key in table.ids])) for table in tables]
        return together(kept, [f"{name} (validation of fold {fold})" for name in self.names])

    @property
    def validation_left_out(self) -> int:
        """Validation rows of all folds that some members have and others have not: nothing is chosen on these."""
        count = 0
        for fold in self.folds:
            ids = [set(member.validation[fold].ids) for member in self.members if fold in member.validation]
            count += len(ids[0].union(*ids) - ids[0].intersection(*ids)) if ids else 0
        return count

    @property
    def without_validation(self) -> list[str]:
        """Names of the members that lack those of a fold."""
        return [member.name for member in self.members if not set(self.folds) <= set(member.validation)]


def pool_of(members: Sequence[Member], taxonomy: Taxonomy) -> Pool:
    """Puts the rows of all members in the order of the first.

    Args:
        members: Two or more. A target that only some of them know is that of all.
        taxonomy: The tree they are over.

    Raises:
        InputError: There are not two members, or two of one name.
        AlignmentError: Ids, folds, classes or targets differ; both members and what differs are named.
    """
    if len(members) < 2:
        raise InputError(f"ensemble: {len(members)} member; give two runs or tables, or more")
    doubled = [name for name, count in Counter(member.name for member in members).items() if count > 1]
    if doubled:
        raise InputError(f"ensemble: members of one name: {', '.join(doubled)}; give each once")
    strangers = next((one for one in members if one.test.classes != taxonomy.classes), None)
    if strangers is not None:
        raise AlignmentError(f"{strangers.name}: not over the classes of {taxonomy.name!r}, or in another order")
    names = [member.name for member in members]
    tests = together([member.test for member in members], names)
    filled = [replace(member, test=test) for member, test in zip(members, tests, strict=True)]
    return Pool(members=filled, taxonomy=taxonomy)


def together(members: Sequence[Predictions], names: Sequence[str] = ()) -> list[Predictions]:
    """The tables in the order of the ids of the first, with the targets that any of them knows.

    Raises:
        InputError: There is none.
        AlignmentError: They differ in ids, classes, folds or known targets; the message names what differs, and the
            two tables if there are `names`.
    """
    if not members:
        raise InputError("ensemble: no members; give the predictions of one model or more")
    first = members[0]
    target, aligned = first.target, [first]
    for place, other in enumerate(members[1:], start=1):
        known = replace(first, target=target)  # two later members may dispute what the first does not know
        try:
            aligned.append(other if _alike(known, other) else align(known, other, same_folds=True))
        except AlignmentError as error:
            raise AlignmentError(f"{names[0]} and {names[place]}: {error}" if names else str(error)) from error
        target = np.maximum(target, aligned[-1].target)
    return [one if np.array_equal(one.target, target) else replace(one, target=target) for one in aligned]


def _alike(first: Predictions, other: Predictions) -> bool:
    """Whether there is nothing to put in order."""
    return (
        (first.ids, first.classes) == (other.ids, other.classes)
        and np.array_equal(first.fold, other.fold)
        and np.array_equal(first.target, other.target)
    )
