"""`heterophony out-of-fold`, end to end: a run's words on rows it did not see become another model's vectors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Call = Callable[..., Any]


def test_a_run_speaks_of_what_it_did_not_see(heterophony: Call, run_folder: Path, tmp_path: Path) -> None:
    said = heterophony("out-of-fold", run_folder, "-o", tmp_path / "v.npz")
    assert said.code == 0
    assert "rows out of fold" in said.out
    assert "not for an honest test by itself" in said.err
    with np.load(tmp_path / "v.npz") as archive:
        np.testing.assert_allclose(np.exp(archive["log_probabilities"]).sum(axis=1), 1, rtol=1e-5)
        assert len(set(archive["ids"].tolist())) == len(archive["ids"])
    said = heterophony("out-of-fold", tmp_path, "-o", tmp_path / "v.npz")
    assert (said.code, "split.csv: not there" in said.err) == (1, True)
    assert "written as .npz" in heterophony("out-of-fold", run_folder, "-o", tmp_path / "v.csv").err
