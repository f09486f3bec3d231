"""The challenges whose packages can be written and checked, as data: a new task is one more entry of `FORMATS`."""

from collections.abc import Mapping
from dataclasses import dataclass

from heterophony.taxonomy import BST, TAU, Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What one task of a challenge wants.

    Attributes:
        name: As it is called on the command line.
        task: As it is called in file names.
        taxonomy: The classes that may be predicted.
        id, label: Columns of the output file: the sound, its class.
        score: Column of the probability of that class; "" where every class has a column of its own, in the order of
            `taxonomy.classes`.
        delimiter: Between the cells.
        datasets: What `results` may be told of, the usual one first.
        measures: Score in `results` to the name in `METRICS` that is its overall value.
        description: What the description of a system must say.
        most: Systems of a package.
    """

    name: str
    task: str
    taxonomy: Taxonomy
    id: str
    label: str
    score: str
    delimiter: str
    datasets: tuple[str, ...]
    measures: Mapping[str, str]
    description: tuple[str, ...]
    most: int = 4

    @property
    def columns(self) -> tuple[str, ...]:
        """The header of the output file."""
        return (self.id, self.label, *((self.score,) if self.score else self.taxonomy.classes))


_USUAL = (
    "input_sampling_rate",
    "audio_representation",
    "data_augmentation",
    "machine_learning_method",
    "external_data_usage",
)

FORMATS: dict[str, Format] = {
    "dcase2026-task1": Format(
        name="dcase2026-task1",
        task="task1",
        taxonomy=BST,
        id="id",
        label="predicted_bst_second_level_class",
        score="prediction_score",
        delimiter=",",
        datasets=("bsd10k-v1.2", "bsd35k-cs"),
        measures={"hP": "hierarchical_precision", "hR": "hierarchical_recall", "hF": "hierarchical_f1"},
        description=(*_USUAL, "text_representation", "hierarchical_setting"),
    ),
    "dcase2021-task1b": Format(
        name="dcase2021-task1b",
        task="task1b",
        taxonomy=TAU,
        id="filename",
        label="scene_label",
        score="",
        delimiter="\t",
        datasets=("tau-audio-visual-2021",),
        measures={"logloss": "macro_log_loss", "accuracy": "macro_accuracy"},
        description=(*_USUAL, "visual_representation"),
    ),
}
"""Sources: the DCASE 2026 task 1 template (audio_text.md 9, peers.md L2); audio_visual.md D.3 for 2021 task 1B."""
