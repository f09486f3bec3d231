"""One row of the answer to `heterophony classify`: what a file was taken for, and how surely."""

from dataclasses import dataclass, fields

from heterophony.errors import InputError
from heterophony.report.neighbourhood import Neighbourhood

COLUMNS = (
    "file_name",
    "status",
    "top",
    "top_probability",
    "class",
    "class_probability",
    "second",
    "second_probability",
    "third",
    "third_probability",
    "class_from_sound",
    "class_from_words",
    "weight_sound",
    "weight_words",
    "title",
)
"""The columns of a results file, in order."""

TEXT_COLUMNS = tuple(name for name in COLUMNS if not name.endswith("_probability") and not name.startswith("weight_"))
"""Those that hold text; the others hold numbers in 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is said about one file.

    Attributes:
        file_name: As the user gave it.
        status: "ok", "partial: reason" or "refused: reason".
        top, top_probability: Key of the likeliest top level, calibrated probability 0..1.
        class_, class_probability: Key of the likeliest class; the column is called `class`.
        second, second_probability, third, third_probability: The next guesses; None where there are fewer classes.
        class_from_sound, class_from_words: What each alone would say; None where it is absent.
        weight_sound, weight_words: Share of the attention each got, 0..1; None where there is none.
        title: The title the words came with; "" where there is none.
        neighbourhood: What a graph model attached the file to, in no column; None from other models.

    Raises:
        InputError: If the status is of no such kind, a refused row has predictions, another row has none, or a number
            lies outside 0..1.
    """

    file_name: str
    status: str = "ok"
    top: str | None = None
    top_probability: float | None = None
    class_: str | None = None
    class_probability: float | None = None
    second: str | None = None
    second_probability: float | None = None
    third: str | None = None
    third_probability: float | None = None
    class_from_sound: str | None = None
    class_from_words: str | None = None
    weight_sound: float | None = None
    weight_words: float | None = None
    title: str = ""
    neighbourhood: Neighbourhood | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("ok", "partial", "refused"):
            raise InputError(f"{self.file_name}: status {self.status!r}; wanted ok, partial: reason or refused: reason")
        cells = self.cells()
        predictions = [name for name in COLUMNS[2:-1] if cells[name] is not None]
        if self.kind == "refused" and predictions:
            raise InputError(f"{self.file_name} was refused, yet has predictions: {', '.join(predictions)}")
        if self.kind != "refused" and (self.class_ is None or self.class_probability is None):
            raise InputError(f"{self.file_name} has status {self.status!r} but no class with a probability")
        for name, value in cells.items():
            if isinstance(value, float) and not 0 <= value <= 1:
                raise InputError(f"{self.file_name}: {name} is {value}, wanted 0..1")

    @property
    def kind(self) -> str:
        """The status without its reason."""
        return self.status.partition(":")[0]

    @property
    def reason(self) -> str:
        """Why it is partial or refused; "" for ok."""
        return self.status.partition(":")[2].strip()

    def cells(self) -> dict[str, str | float | None]:
        """Column name to value, in the order of `COLUMNS`."""
        return dict(zip(COLUMNS, (getattr(self, field.name) for field in fields(self)[: len(COLUMNS)]), strict=True))

    def plain(self) -> dict[str, object]:
        """The cells and, of a graph model, `novelty` and `nearest` (`Neighbourhood`): plain data, for JSON."""
        return self.cells() | ({} if self.neighbourhood is None else self.neighbourhood.plain())
