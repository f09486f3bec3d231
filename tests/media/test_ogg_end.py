"""The end of an Ogg file."""

import pytest

from heterophony.media.ogg_end import ogg_is_complete


def test_a_whole_file_is_complete(tmp_path, recordings):
    (tmp_path / "a.ogg").write_bytes(recordings[".ogg"])
    assert ogg_is_complete(tmp_path / "a.ogg")


@pytest.mark.parametrize("missing", [1, 30, 1000, 5000])
def test_a_file_that_lacks_its_last_bytes_is_not(tmp_path, recordings, missing):
    (tmp_path / "a.ogg").write_bytes(recordings[".ogg"][:-missing])
    assert not ogg_is_complete(tmp_path / "a.ogg")


@pytest.mark.parametrize("content", [b"", b"OggS", b"no pages at all"])
def test_what_is_no_ogg_file_is_not(tmp_path, content):
    (tmp_path / "a.ogg").write_bytes(content)
    assert not ogg_is_complete(tmp_path / "a.ogg")
