from dataclasses import dataclass, field

from heterophony.metrics import Interval
from heterophony.report.ensemble_table import ensemble_markdown, ensemble_table


@dataclass(frozen=True)
class Line:
    how: str
    scores: dict[str, tuple[float, float]]
    interval: Interval | None = None
    difference: Interval | None = None
    members: tuple[int, int] = (5, 5)
    note: str = field(default="")


LINES = [
    Line(
        "nested",
        {"hierarchical_f1": (0.80874, 0.0051), "accuracy": (0.82, 0.01), "log_loss": (0.51234, 0.01)},
        Interval(0.80874, 0.8, 0.82, 1000, 0.005),
        Interval(-0.00014, -0.0031, 0.0035, 1000, 0.002),
        (14, 18),
    ),
    Line("random", {"hierarchical_f1": (0.8005, 0.0024)}, note="± over the subsets"),
]


def test_per_cent_for_scores_nats_for_log_loss_signs_for_differences() -> None:
    header, lines = ensemble_table(LINES)
    assert header[:4] == ("members", "chosen", "hierarchical F1", "95 %")
    assert lines[0] == (
        *("14-18", "nested", "80.87 ± 0.51", "80.00 to 82.00", "82.00 ± 1.00", "0.512 ± 0.010"),
        *("-0.01 [-0.31, +0.35]", ""),
    )
    assert lines[1] == ("5", "random", "80.05 ± 0.24", "", "", "", "", "± over the subsets")


def test_a_score_that_nobody_has_has_no_column() -> None:
    header, _ = ensemble_table(LINES[1:])
    assert header == ("members", "chosen", "hierarchical F1", "95 %", "to the average of all", "note")


def test_the_score_that_was_asked_for_comes_first_and_once() -> None:
    header, lines = ensemble_table(LINES[:1], "accuracy")
    assert header.count("accuracy") == 1
    assert lines[0][2] == "82.00 ± 1.00"


def test_markdown_has_a_line_each() -> None:
    text = ensemble_markdown(LINES).splitlines()
    assert len(text) == 4
    assert text[1] == "|" + " -- |" * 8
    assert text[3].startswith("| 5 | random | 80.05 ± 0.24 |")
