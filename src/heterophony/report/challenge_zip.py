"""A challenge's package: the same files give the same bytes, whenever and wherever it is made."""

import io
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from heterophony.errors import InputError

MOST_BYTES = 200_000_000
_BEGINNING = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of files by their paths in it, in sorted order, without dates."""
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            info = ZipInfo(name, _BEGINNING)
            info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, _READABLE, 3
            archive.writestr(info, files[name])
    return stream.getvalue()


def unpack(path: Path) -> dict[str, bytes]:
    """The files of a zip by their paths in it; nothing is written to disk.

    Raises:
        InputError: It cannot be read, a name is there twice, or it holds more than `MOST_BYTES`.
    """
    try:
        with ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            names = [info.filename for info in infos]
            if len(set(names)) < len(names):
                raise InputError(f"{path}: {max(names, key=names.count)} is in it twice")
            if sum(info.file_size for info in infos) > MOST_BYTES:
                raise InputError(f"{path}: holds more than {MOST_BYTES // 10**6} MB")
            return {info.filename: archive.read(info) for info in infos}
    except (OSError, BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path}: no zip that can be read ({error})") from error
