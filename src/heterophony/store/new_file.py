"""A file that is there as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Gives a file to write to, which becomes `path` when it is complete and on the disk.

    Until then it is a `.part` beside it, which is removed if something is raised, and which a kill leaves behind.

    Raises:
        OSError: It cannot be written.
    """
    part = path.with_name(f"{uuid4().hex}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
