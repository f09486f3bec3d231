from pathlib import Path

import numpy as np
import pytest

from heterophony.ensemble.search_folder import SearchFolder
from heterophony.errors import InputError

BLOCK = np.arange(12, dtype=np.float32).reshape(3, 2, 2)


def test_blocks_come_back(tmp_path: Path) -> None:
    folder = SearchFolder(tmp_path / "new" / "one", "abc")
    assert folder.load(4, (3, 2, 2)) is None
    folder.save(4, BLOCK)
    again = SearchFolder(tmp_path / "new" / "one", "abc")
    np.testing.assert_array_equal(again.load(4, (3, 2, 2)), BLOCK)
    assert sorted(path.name for path in again.path.iterdir()) == ["block_004.npz", "search.json"]


def test_another_search_is_refused(tmp_path: Path) -> None:
    SearchFolder(tmp_path, "abc")
    with pytest.raises(InputError, match="holds another search"):
        SearchFolder(tmp_path, "abd")


@pytest.mark.parametrize("content", ["", "[]", '{"other": 1}', "\xff"])
def test_a_folder_with_another_file_of_that_name_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "search.json").write_text(content, encoding="latin-1")
    with pytest.raises(InputError, match="no folder of a search"):
        SearchFolder(tmp_path, "abc")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="no folder of a search"):
        SearchFolder(tmp_path / "file", "abc")


def test_a_damaged_block_is_told(tmp_path: Path) -> None:
    folder = SearchFolder(tmp_path, "abc")
    folder.save(0, BLOCK)
    whole = (tmp_path / "block_000.npz").read_bytes()
    for content in (whole[:100], b""):
        (tmp_path / "block_000.npz").write_bytes(content)
        with pytest.raises(InputError, match="damaged block of a search"):
            folder.load(0, (3, 2, 2))
    np.savez(tmp_path / "block_000.npz", scores=BLOCK, fingerprint=np.array("abd"))
    with pytest.raises(InputError, match="not a block of this search"):
        folder.load(0, (3, 2, 2))
    folder.save(1, BLOCK)
    with pytest.raises(InputError, match="not a block of this search"):
        folder.load(1, (4, 2, 2))
