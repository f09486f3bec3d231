"""Weights are the expected file or nothing."""

import hashlib
from pathlib import Path

import pytest

from heterophony.encoders.weights_file import check_sha256, sha256_of, wheel_file
from heterophony.errors import ModelError


def test_the_hash_is_sha256(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"abc")
    assert sha256_of(file) == hashlib.sha256(b"abc").hexdigest()
    check_sha256(file, hashlib.sha256(b"abc").hexdigest())


def test_an_altered_file_is_refused_with_both_hashes(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"abd")
    with pytest.raises(ModelError, match=f"SHA-256 {'0' * 64} wanted, {hashlib.sha256(b'abd').hexdigest()} found"):
        check_sha256(file, "0" * 64)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        check_sha256(tmp_path / "nothing", "0" * 64)


def test_a_package_that_is_not_installed_is_named_with_the_command() -> None:
    with pytest.raises(ModelError, match=r"pip install no-such-package-here==1\.0"):
        wheel_file("no-such-package-here", "1.0", "x", "0" * 64)


def test_another_version_of_a_package_without_the_file_is_refused() -> None:
    with pytest.raises(ModelError, match=r"has no file numpy/none\.bin; wanted is version 0\.0"):
        wheel_file("numpy", "0.0", "numpy/none.bin", "0" * 64)


def test_an_installed_file_with_another_hash_is_refused() -> None:
    with pytest.raises(ModelError, match="not the expected weights"):
        wheel_file("numpy", "0.0", "numpy/__init__.py", "0" * 64)
