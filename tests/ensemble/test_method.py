import pytest

from heterophony.ensemble import ENSEMBLES, Ensemble, Method


@pytest.mark.parametrize("name", ENSEMBLES)
def test_every_way_to_combine_has_one_shape_and_defaults(name: str) -> None:
    assert isinstance(ENSEMBLES[name](), Method)


def test_an_ensemble_combines() -> None:
    assert not isinstance(object(), Ensemble)
