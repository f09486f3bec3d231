import pytest

from heterophony.errors import ConfigError
from heterophony.recipes.ensemble_settings import settings_for


def test_the_score_that_is_sought_is_shown_unless_it_has_no_interval() -> None:
    assert settings_for("validation", "macro_f1").score == "macro_f1"
    assert settings_for("validation", "log_loss").score == "hierarchical_f1"
    assert settings_for("test", "accuracy").choose_on == "test"


def test_settings_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ConfigError, match="--choose-on tests: wanted validation or test"):
        settings_for("tests", "accuracy")
    with pytest.raises(ConfigError, match=r"--score acuracy: no such score; did you mean accuracy\?"):
        settings_for("test", "acuracy")
