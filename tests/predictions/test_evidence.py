"""Evidence is read back as it was written; principal components keep distances."""

from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import AlignmentError, InputError
from heterophony.predictions.evidence import Evidence, principal


def evidence(rows: int = 3) -> Evidence:
    return Evidence(
        ids=tuple(f"<{row}>" for row in range(rows)),
        modalities=("sound", "words"),
        present=np.ones((rows, 2), np.bool_),
        attention=np.full((rows, 2), 0.5, np.float32),
        before=np.zeros((rows, 0), np.float16),
        latent=np.arange(rows * 4, dtype=np.float16).reshape(rows, 4),
    )


def test_it_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    made = evidence()
    made.save(tmp_path / "e.npz")
    found = Evidence.load(tmp_path / "e.npz")
    assert (found.ids, found.modalities) == (made.ids, made.modalities)
    for name in ("present", "attention", "before", "latent"):
        np.testing.assert_array_equal(getattr(found, name), getattr(made, name))
    assert [path.name for path in tmp_path.iterdir()] == ["e.npz"]


def test_what_is_no_evidence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e.npz").write_bytes(b"no")
    with pytest.raises(InputError, match=r"e\.npz: no evidence"):
        Evidence.load(tmp_path / "e.npz")
    np.savez(tmp_path / "o.npz", ids=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"o\.npz: no evidence"):
        Evidence.load(tmp_path / "o.npz")


def test_parts_of_unequal_length_are_refused() -> None:
    some = evidence()
    with pytest.raises(AlignmentError, match="parts of unequal length"):
        Evidence(some.ids[:2], some.modalities, some.present, some.attention, some.before, some.latent)


def test_as_many_components_as_there_are_keep_all_distances_up_to_one_scale() -> None:
    x = np.random.default_rng(0).normal(size=(20, 6))
    made = principal(x).astype(np.float64)
    old, new = (np.linalg.norm(y[:, None] - y[None], axis=2) for y in (x, made))
    assert made.shape == (20, 6)
    np.testing.assert_allclose(new / new.max(), old / old.max(), atol=2e-3)  # halves
    np.testing.assert_allclose(made.std(axis=0).max(), 1.0, atol=2e-3)


def test_components_are_bounded_and_their_sign_does_not_hang_on_that_of_the_data_order() -> None:
    x = np.random.default_rng(1).normal(size=(30, 8))
    assert principal(x, 3).shape == (30, 3)
    np.testing.assert_allclose(principal(x[::-1], 3), principal(x, 3)[::-1], atol=2e-3)
    assert principal(np.zeros((4, 0))).shape == (4, 0)
    assert principal(np.ones((4, 2))).shape == (4, 0)  # all alike: nothing to show
