"""What `heterophony ensemble` is asked for besides the method."""

from dataclasses import dataclass
from typing import Literal, get_args

from heterophony.ensemble import SCORES
from heterophony.errors import ConfigError
from heterophony.metrics import DRAWABLE
from heterophony.recipes.complaints import nearest

ChooseOn = Literal["validation", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to combine.

    Attributes:
        score: What the table shows with its interval, a name in `DRAWABLE`.
        choose_on: What decides the ensemble that is saved.
        calibrated: Whether members get temperatures.
        by_group: Draw whole groups for the intervals.
        random: How many random subsets, 0 for none.
        size: Of how many members each.
        seed: Of the random subsets.
    """

    score: str = "hierarchical_f1"
    choose_on: ChooseOn = "validation"
    calibrated: bool = True
    by_group: bool = False
    random: int = 0
    size: int = 5
    seed: int = 0


def settings_for(
    choose_on: str,
    score: str,
    *,
    calibrated: bool = True,
    by_group: bool = False,
    random: int = 0,
    size: int = 5,
    seed: int = 0,
) -> Settings:
    """Settings from names. The table shows the score that is sought, or hierarchical F1 beside a log-loss.

    Raises:
        ConfigError: There is no such score, or nothing of this name to choose on; the nearest is named.
    """
    if choose_on not in get_args(ChooseOn):
        raise ConfigError(f"--choose-on {choose_on}: wanted validation or test")
    if score not in SCORES:
        raise ConfigError(f"--score {score}: no such score; {nearest(score, list(SCORES))}")
    return Settings(
        score=score if score in DRAWABLE else "hierarchical_f1",
        choose_on="test" if choose_on == "test" else "validation",
        calibrated=calibrated,
        by_group=by_group,
        random=random,
        size=size,
        seed=seed,
    )
