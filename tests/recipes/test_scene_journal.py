"""Finished chunks on the disk, to the last bit."""

import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.recipes.scene_journal import Journal
from heterophony.recipes.scene_steps import Chunk

HEADER = {"format": 1, "model": ["abc"], "steps": [1.0, 10.0]}


def chunk(number, rows, seconds=None):
    said = np.random.default_rng(number).dirichlet(np.full(3, 0.1), rows).reshape(rows, 3)
    said[1::2] = np.nan
    said[:1] = [1 / 3, 5e-324, 1.0]
    return Chunk(number, said, ~np.isnan(said[:, :2]), seconds)


def same(ours, theirs):
    return all(
        a.number == b.number
        and a.probabilities.tobytes() == b.probabilities.tobytes()
        and np.array_equal(a.present, b.present)
        and a.seconds == b.seconds
        for a, b in zip(ours, theirs, strict=True)
    )


def test_what_is_read_again_has_the_same_bits(tmp_path):
    path, chunks = tmp_path / "a.part", [chunk(0, 6), chunk(1, 1), chunk(2, 0, seconds=0.1 + 0.2)]
    with Journal(path, HEADER) as journal:
        for one in chunks:
            journal.add(one)
            with Journal(path, HEADER) as other:
                assert same(other.chunks, journal.chunks), "it is on the disk when `add` returns"
    with Journal(path, HEADER) as journal:
        assert same(journal.chunks, chunks)
        journal.remove()
    assert not path.exists()


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_line_that_is_not_whole_is_dropped(tmp_path, cut):
    path = tmp_path / "a.part"
    with Journal(path, HEADER) as journal:
        journal.add(chunk(0, 4))
        whole = path.read_bytes()
        journal.add(chunk(1, 4))
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path, HEADER) as journal:
        assert same(journal.chunks, [chunk(0, 4)])
        assert path.read_bytes() == whole
        journal.add(chunk(1, 4))
    with Journal(path, HEADER) as journal:
        assert same(journal.chunks, [chunk(0, 4), chunk(1, 4)])


def test_a_header_that_is_not_whole_is_no_journal(tmp_path):
    (tmp_path / "a.part").write_bytes(b'{"format"')
    with Journal(tmp_path / "a.part", HEADER) as journal:
        assert journal.chunks == []
    with Journal(tmp_path / "a.part", HEADER) as journal:
        journal.add(chunk(0, 2))


def test_all_that_differs_is_named_and_restart_begins_anew(tmp_path):
    path = tmp_path / "a.part"
    with Journal(path, HEADER) as journal:
        journal.add(chunk(0, 2))
    with pytest.raises(InputError, match=r"a\.part: begun with another model, another steps; go on with the same, or"):
        Journal(path, HEADER | {"model": ["abd"], "steps": [1.0, 9.0]})
    with Journal(path, HEADER | {"model": ["abd"]}, restart=True) as journal:
        assert journal.chunks == []
    for garbage in (b"Dear sir\n", b"[1]\n", b"\0\0\0\n"):
        path.write_bytes(garbage)
        with pytest.raises(InputError, match="not what this program writes"):
            Journal(path, HEADER)
