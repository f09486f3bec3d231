"""A way to combine by name, with the settings that were given."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass

from heterophony.ensemble import ENSEMBLES, SCORES, SUMMED, Method
from heterophony.errors import ConfigError
from heterophony.metrics import DRAWABLE
from heterophony.recipes.complaints import nearest

INTERNAL = ("chooses", "report", "found")
"""Fields of a method that nobody sets by name."""


def make_method(name: str, given: Mapping[str, object], report: Callable[[int, int], None] | None = None) -> Method:
    """The method of that name.

    Args:
        name: A name in `ENSEMBLES`.
        given: Setting to value; None leaves the method's own default.
        report: Called with (done, all) by methods that take minutes.

    Raises:
        ConfigError: There is no such method, it has no such setting, or a value is impossible.
    """
    if name not in ENSEMBLES:
        raise ConfigError(f"--method {name}: no such way to combine; {nearest(name, list(ENSEMBLES))}")
    wanted = {setting: value for setting, value in given.items() if value is not None}
    strange = sorted(set(wanted) - set(settings_of(name)))
    if strange:
        has = ", ".join(map(_option, settings_of(name)))
        raise ConfigError(f"--method {name} has no {', '.join(map(_option, strange))}; it has {has}")
    for setting, known in (("of", SUMMED), ("score", SCORES), ("first", tuple(DRAWABLE))):
        if setting in wanted and wanted[setting] not in known:
            value = str(wanted[setting])
            raise ConfigError(f"--{setting} {value}: there is no such thing; {nearest(value, list(known))}")
    slow = {"report": report} if "report" in _fields(name) else {}
    return ENSEMBLES[name](**wanted, **slow)


def settings_of(name: str) -> list[str]:
    """The names of the settings of a method."""
    return [field for field in _fields(name) if field not in INTERNAL]


def _fields(name: str) -> list[str]:
    known = ENSEMBLES.get(name)
    return [one.name for one in fields(known)] if is_dataclass(known) else []


def _option(setting: str) -> str:
    return {"sizes": "--largest", "folder": "--search-folder"}.get(setting, f"--{setting}")
