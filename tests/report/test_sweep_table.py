import csv
from io import StringIO

import pytest

from heterophony.errors import InputError
from heterophony.metrics import Interval
from heterophony.report.sweep_table import CSV_COLUMNS, SweepRow, sweep_csv, sweep_markdown, sweep_table


def around(value: float, low: float, high: float) -> Interval:
    return Interval(value, low, high, 1000, 0.0034)


BASE = SweepRow(
    name="bst/table1/clap",
    about="CLAP, sound and words",
    paper=(0.7901, 0.0054),
    recomputed=(0.7863, 0.01),
    ours=(0.78649, 0.0101),
    clips=10_956,
    note="The published folder is a later run.",
)
LOSS = SweepRow(
    name="bst/table2/hloss-0.7",
    about="second head, weight 0.7",
    paper=(0.7856, 0.0071),
    ours=(0.78769, 0.00896),
    difference=around(0.0012, -0.00314, 0.00551),
    baseline="bst/table1/clap",
    clips=10_956,
)
OWN = SweepRow(name="mine", ours=(0.5, 0.0), difference=around(-0.28, -0.29, -0.27), baseline="bst/table1/clap")


def test_the_table_in_markdown() -> None:
    assert sweep_markdown([BASE, LOSS]) == (
        "| recipe | paper | recomputed | ours | difference to the baseline | note |\n"
        "| :-- | --: | --: | --: | --: | :-- |\n"
        "| bst/table1/clap | 79.01 ± 0.54 | 78.63 ± 1.00 | 78.65 ± 1.01 |  | The published folder is a later run. |\n"
        "| bst/table2/hloss-0.7 | 78.56 ± 0.71 |  | 78.77 ± 0.90 | +0.12 [-0.31, +0.55] |  |\n"
    )


def test_a_column_that_nobody_has_is_left_out() -> None:
    assert sweep_markdown([LOSS, OWN]) == (
        "| recipe | paper | ours | difference to the baseline |\n"
        "| :-- | --: | --: | --: |\n"
        "| bst/table2/hloss-0.7 | 78.56 ± 0.71 | 78.77 ± 0.90 | +0.12 [-0.31, +0.55] |\n"
        "| mine |  | 50.00 ± 0.00 | -28.00 [-29.00, -27.00] |\n"
    )
    assert sweep_table([SweepRow(name="a", ours=(1.0, 0.0))]).header == ("recipe", "ours")
    assert sweep_markdown([]) == "| recipe | ours |\n| :-- | --: |\n"


def test_other_baselines_and_other_numbers_of_clips_are_told() -> None:
    beats = SweepRow(name="beats", ours=(0.7, 0.01), difference=around(0, 0, 0), baseline="audio", clips=10_875)
    table = sweep_table([BASE, LOSS, beats, OWN])
    assert table.header == (
        "recipe", "paper", "recomputed", "ours", "difference to the baseline", "baseline", "clips", "note",
    )  # fmt: skip
    assert [line[-3:-1] for line in table.lines] == [
        ("", "10,956"),
        ("bst/table1/clap", "10,956"),
        ("audio", "10,875"),
        ("bst/table1/clap", ""),
    ]


def test_the_lines_of_the_console_are_plain_text() -> None:
    table = sweep_table([OWN])
    assert table.header == ("recipe", "ours", "difference to the baseline")
    assert table.lines == (("mine", "50.00 ± 0.00", "-28.00 [-29.00, -27.00]"),)


def test_a_number_without_a_standard_deviation_stands_alone() -> None:
    row = SweepRow(name="a", ours=(0.5, None), recomputed=(0.7639, None))
    assert sweep_table([row]).lines == (("a", "76.39", "50.00"),)
    assert sweep_csv([row]).splitlines()[1] == "a,,,,76.3900,,50.0000,,,,,,,,"


def test_nothing_that_rounds_to_zero_is_negative() -> None:
    row = SweepRow(name="a", ours=(0.5, 0.0), difference=around(-1e-6, -1e-9, 1e-9))
    assert sweep_table([row]).lines[0][-1] == "+0.00 [+0.00, +0.00]"


def test_bars_and_line_breaks_do_not_break_the_table() -> None:
    row = SweepRow(name="a|b", ours=(0.5, 0.0), note="one\ntwo | three")
    assert sweep_markdown([row]).splitlines()[-1] == r"| a\|b | 50.00 ± 0.00 | one two \| three |"


def test_the_table_as_csv() -> None:
    assert sweep_csv([BASE, OWN]) == (
        "recipe,about,paper,paper_std,recomputed,recomputed_std,ours,ours_std,"
        "difference,difference_low,difference_high,difference_error,baseline,clips,note\n"
        'bst/table1/clap,"CLAP, sound and words",79.0100,0.5400,78.6300,1.0000,78.6490,1.0100,'
        ",,,,,10956,The published folder is a later run.\n"
        "mine,,,,,,50.0000,0.0000,-28.0000,-29.0000,-27.0000,0.3400,bst/table1/clap,,\n"
    )


def test_the_csv_has_every_column_and_runs_nothing_in_a_spreadsheet() -> None:
    row = SweepRow(name="a", about="=1+1", ours=(0.5, 0.0), note="two\nlines, with a comma")
    header, cells = csv.reader(StringIO(sweep_csv([row])))
    assert tuple(header) == CSV_COLUMNS
    read = dict(zip(header, cells, strict=True))
    assert (read["about"], read["note"], read["ours"]) == ("'=1+1", "two\nlines, with a comma", "50.0000")


def test_numbers_in_per_cent_are_refused() -> None:
    with pytest.raises(InputError, match=r"paper of 'a' is \(79.01, 0.54\); wanted fractions of 1, not per cent"):
        SweepRow(name="a", ours=(0.5, 0.0), paper=(79.01, 0.54))
