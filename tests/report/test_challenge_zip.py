"""The same files, the same bytes; and what is no package."""

import zipfile
from pathlib import Path

import pytest

from heterophony.errors import InputError
from heterophony.report.challenge_zip import pack, unpack

FILES = {"b/two.txt": b"2" * 1000, "a.txt": b"1"}


def test_the_same_files_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    assert pack(FILES) == pack(dict(reversed(FILES.items())))
    (tmp_path / "x.zip").write_bytes(pack(FILES))
    assert unpack(tmp_path / "x.zip") == FILES
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.namelist() == ["a.txt", "b/two.txt"]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK no")
    with pytest.raises(InputError, match="no zip that can be read"):
        unpack(tmp_path / "x.zip")
    with pytest.raises(InputError, match="no zip that can be read"):
        unpack(tmp_path / "gone.zip")


def test_a_name_twice_and_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", "2")
    with pytest.raises(InputError, match="a is in it twice"):
        unpack(tmp_path / "x.zip")
    (tmp_path / "y.zip").write_bytes(pack(FILES))
    monkeypatch.setattr("heterophony.report.challenge_zip.MOST_BYTES", 1000)
    with pytest.raises(InputError, match="more than"):
        unpack(tmp_path / "y.zip")
