"""Silence for a moment, and no longer."""

import os
from pathlib import Path

import pytest

from heterophony.media.quiet import quiet_stderr


def test_what_c_code_writes_inside_is_lost_and_what_follows_is_not(capfd):
    with quiet_stderr():
        os.write(2, b"noise")
    os.write(2, b"news")
    assert capfd.readouterr().err == "news"


def test_descriptors_are_given_back_even_after_an_error(capfd):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), quiet_stderr():
            raise ZeroDivisionError
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"
