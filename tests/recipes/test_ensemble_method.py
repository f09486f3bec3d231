import pytest

from heterophony.ensemble import ENSEMBLES, Bagged, Greedy
from heterophony.errors import ConfigError
from heterophony.recipes.ensemble_method import make_method, settings_of


def test_what_is_given_is_set_and_the_rest_is_the_methods_own() -> None:
    assert make_method("greedy", {"steps": 7, "start": None}) == Greedy(steps=7)
    assert make_method("bagged", {"bags": 3, "share": 0.25, "seed": 4}) == Bagged(bags=3, share=0.25, seed=4)


@pytest.mark.parametrize("name", ENSEMBLES)
def test_every_method_can_be_made_by_name_alone(name: str) -> None:
    assert make_method(name, {}) == ENSEMBLES[name]()
    assert "of" in settings_of(name)
    assert not {"chooses", "report"} & set(settings_of(name))


def test_progress_goes_to_those_that_take_minutes() -> None:
    told: list[int] = []
    make_method("exhaustive", {}, lambda done, every: told.append(done)).report(1, 2)
    assert told == [1]


def test_unknown_names_get_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"--method greddy: no such way to combine; did you mean greedy\?"):
        make_method("greddy", {})
    with pytest.raises(ConfigError, match=r"--of logit: there is no such thing; did you mean logits\?"):
        make_method("greedy", {"of": "logit"})
    with pytest.raises(
        ConfigError, match=r"--score hierarchical_f2: there is no such thing; did you mean hierarchical_f1"
    ):
        make_method("greedy", {"score": "hierarchical_f2"})
    with pytest.raises(ConfigError, match="--method mean has no --steps; it has --of"):
        make_method("mean", {"steps": 5})
