"""All that the page of a run is made of, as plain data; what is not known is empty, and its section is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from heterophony.clips import Clip
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.predictions import Predictions, Said
from heterophony.predictions.evidence import Evidence
from heterophony.taxonomy import Taxonomy

History = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class FoldRows:
    """How many rows a fold trains on, chooses its epoch by, and tests."""

    train: int
    validation: int
    test: int


@dataclass(frozen=True, kw_only=True, eq=False)
class RunRecord:
    """What is known of a run.

    Attributes:
        name: Heading.
        subtitle: One line below it; "" for none.
        predictions: Set of modalities ("sound+words", "sound") to its test predictions over all folds, the main one,
            of which all drawings are, first.
        said: How much the predictions say; what only whole distributions tell is left out of the others.
        taxonomy: The tree of the predictions.
        histories: Fold to the rows of its history.
        evidence: Fold to what lies behind its predictions.
        controls: What must stand beside a graph model, name to predictions of the same clips; empty for other models.
        neighbours: Of a graph model, modality to what the neighbours of the test rows are, fold by fold.
        clips: Id to recording and words.
        group_of: Id to group, where the run knows it; a clip's own group counts first.
        clips_given: Whether anybody said where the recordings are.
        rows: Fold to how many rows each of its parts has.
        split: How the folds were made: "stratified", "grouped", "given"; "" where unknown.
        leakage: What was found of near-duplicates and shared groups between the folds, label to text.
        facts: What to know of the run, label to text: versions, seed, data.
        recipe: The recipe as text; "" where there is none.
        command: What was run, as text; "" where it was not written down.
        again: What to run to get the same predictions, as text; "" where nothing can be.
        how_to_add: The command that makes a page with players, and a map.
        never_predicted: Rule of the hierarchical means (see `metrics.hierarchical`).
    """

    name: str
    subtitle: str = ""
    predictions: Mapping[str, Predictions]
    said: Said = "distribution"
    taxonomy: Taxonomy
    histories: Mapping[int, History] = field(default_factory=dict)
    evidence: Mapping[int, Evidence] = field(default_factory=dict)
    controls: Mapping[str, Predictions] = field(default_factory=dict)
    neighbours: Mapping[str, Sequence[Mapping[str, float]]] = field(default_factory=dict)
    clips: Mapping[str, Clip] = field(default_factory=dict)
    group_of: Mapping[str, str] = field(default_factory=dict)
    clips_given: bool = False
    rows: Mapping[int, FoldRows] = field(default_factory=dict)
    split: str = ""
    leakage: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    recipe: str = ""
    command: str = ""
    again: str = ""
    how_to_add: str = "heterophony report RUN --data MANIFEST"
    never_predicted: NeverPredicted = "zero"

    @property
    def main(self) -> Predictions:
        """The predictions that the drawings show."""
        return next(iter(self.predictions.values()))

    @property
    def groups(self) -> tuple[str | None, ...]:
        """The group of each row of `main`; None where unknown."""
        return tuple(
            clip.group if (clip := self.clips.get(key)) and clip.group is not None else self.group_of.get(key)
            for key in self.main.ids
        )


@dataclass(frozen=True)
class NotShown:
    """A section that the page leaves out.

    Attributes:
        title: Of the section.
        why: What is lacking, and what brings it.
    """

    title: str
    why: str
