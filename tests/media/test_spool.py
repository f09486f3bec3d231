"""Pieces that grow side by side lie one behind the other, whatever came first."""

import hashlib

import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.media.spool import Span, Spool, writing


def span(start, content):
    return Span(start, len(content), hashlib.sha256(content).digest())


def test_pieces_lie_in_their_order(tmp_path):
    with Spool(tmp_path / "a", 3) as spool:
        spool.add(1, np.frombuffer(b"bb", np.uint8))
        spool.add(0, np.frombuffer(b"a", np.uint8))
        spool.add(2, np.frombuffer(b"c", np.uint8))
        spool.end(1)
        spool.add(0, np.frombuffer(b"aa", np.uint8))
        spool.end(0)
        spool.add(2, np.frombuffer(b"ccc", np.uint8))
    assert (tmp_path / "a").read_bytes() == b"aaabbcccc"
    assert spool.spans == [span(0, b"aaa"), span(3, b"bb"), span(5, b"cccc")]


def test_what_follows_is_not_held(tmp_path):
    with Spool(tmp_path / "a", 100) as spool:
        for piece in range(100):
            spool.add(piece, np.full(1_000, piece, np.int16))
            spool.end(piece)
            assert not any(spool._held)
    assert np.array_equal(np.fromfile(tmp_path / "a", np.int16), np.arange(100).repeat(1_000))


def test_an_empty_piece_and_one_that_never_ended_have_spans(tmp_path):
    with Spool(tmp_path / "a", 2) as spool:
        spool.end(0)
    assert spool.spans == [span(0, b""), span(0, b"")]


def test_any_shape_and_order_in_memory_is_written_row_by_row(tmp_path):
    frames = np.arange(24, dtype=np.uint8).reshape(2, 3, 4).transpose(2, 0, 1)
    with Spool(tmp_path / "a", 1) as spool:
        spool.add(0, frames)
    assert (tmp_path / "a").read_bytes() == frames.tobytes()


def test_a_disk_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone/a: cannot be written \(No such file or directory\); make room"):
        Spool(tmp_path / "gone" / "a", 1).__enter__()
    with pytest.raises(ZeroDivisionError), writing(tmp_path):
        1 / 0  # noqa: B018 - what else goes wrong stays what it is
