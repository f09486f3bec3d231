"""Keys are what is in a file or a text."""

import hashlib
from pathlib import Path

import pytest

from heterophony.store import content_hash, text_hash


def test_the_key_is_sha256_of_the_bytes_whatever_the_name(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    for name in ("a.wav", "b.ogg"):
        (tmp_path / name).write_bytes(content)
        assert content_hash(tmp_path / name) == hashlib.sha256(content).hexdigest()


def test_one_byte_changes_the_key(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0" * 1000)
    (tmp_path / "b").write_bytes(b"\0" * 999 + b"\1")
    assert content_hash(tmp_path / "a") != content_hash(tmp_path / "b")


def test_texts_are_hashed_in_utf8() -> None:
    assert text_hash("Käse") == hashlib.sha256("Käse".encode()).hexdigest()
    assert len(text_hash("\ud800")) == 64  # half a pair, as a damaged tag may bring


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        content_hash(tmp_path / "nothing")
