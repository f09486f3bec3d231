"""The vectors of a collection in a file: every clip has its row, and nothing is unpickled."""

import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from safetensors import safe_open

from heterophony.clips import Clip
from heterophony.errors import ConfigError
from heterophony.store import Embedded, write_vectors

ROWS = [
    Embedded(Clip(id="a"), "ok", "", {"ear": np.array([1, 2], "f4"), "text": np.array([3], "f4")}, "", "", 1.5),
    Embedded(Clip(id="b\u00e4"), "refused", "empty", {}, "", "", 0.0),
    Embedded(Clip(id="c"), "partial", "cut", {"ear": np.array([4, 5], "f4")}, "", "", 0.5),
]
EAR = [[1, 2], [np.nan, np.nan], [4, 5]]
TEXT = [[3], [np.nan], [np.nan]]


def test_npz_has_a_row_per_clip_and_no_pickle(tmp_path: Path) -> None:
    write_vectors(ROWS, ["ear", "text"], tmp_path / "v.npz")
    with np.load(tmp_path / "v.npz", allow_pickle=False) as found:
        assert found["ids"].tolist() == ["a", "b\u00e4", "c"]
        assert found["status"].tolist() == ["ok", "refused", "partial"]
        np.testing.assert_array_equal(found["ear"], EAR)
        np.testing.assert_array_equal(found["text"], TEXT)


def test_safetensors_has_the_ids_in_its_metadata(tmp_path: Path) -> None:
    write_vectors(ROWS, ["ear", "text"], tmp_path / "v.safetensors")
    with safe_open(tmp_path / "v.safetensors", "np") as found:
        assert json.loads(found.metadata()["clips"])["ids"] == ["a", "b\u00e4", "c"]
        np.testing.assert_array_equal(found.get_tensor("ear"), EAR)


def test_parquet_has_lists_and_reasons(tmp_path: Path) -> None:
    write_vectors(ROWS, ["ear", "text"], tmp_path / "v.parquet")
    table = parquet.read_table(tmp_path / "v.parquet").to_pylist()
    assert table[0] == {"id": "a", "status": "ok", "reason": "", "seconds": 1.5, "ear": [1, 2], "text": [3]}
    assert (table[1]["ear"], table[1]["reason"], table[2]["text"]) == (None, "empty", None)


@pytest.mark.parametrize("suffix", [".npz", ".parquet", ".safetensors"])
def test_the_same_vectors_give_the_same_bytes_and_nothing_else_is_left(tmp_path: Path, suffix: str) -> None:
    for number in range(10):
        write_vectors(ROWS, ["ear", "text"], tmp_path / f"{number}{suffix}")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1
    assert len(list(tmp_path.iterdir())) == 10


def test_a_view_that_no_clip_has_is_empty_and_not_left_out(tmp_path: Path) -> None:
    write_vectors(ROWS, ["picture"], tmp_path / "v.npz")
    with np.load(tmp_path / "v.npz") as found:
        assert found["picture"].shape == (3, 0)


def test_other_suffixes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"as '.pkl'; use .npz, .parquet, .safetensors"):
        write_vectors(ROWS, ["ear"], tmp_path / "v.pkl")
    assert json.dumps([path.name for path in tmp_path.iterdir()]) == "[]"
