"""The progress bar: on standard error, with a rate, and silent where it is not wanted."""

import pytest

from heterophony.cli.progress import progress_bar


def test_a_bar_that_is_not_shown_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Listening", "files", shown=False) as report:
        report(1, 2)
        report(2, 2)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_a_shown_bar_counts_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Listening", "files", shown=True) as report:
        report(3, 3)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Listening" in captured.err
    assert "3/3" in captured.err
