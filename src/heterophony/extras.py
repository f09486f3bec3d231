"""Optional dependencies: imported where they are needed, with the command that installs them where they are not."""

from importlib import import_module
from typing import Any

from heterophony.errors import MissingExtraError


def import_extra(module: str, extra: str) -> Any:  # noqa: ANN401 - a module
    """The module, if it is installed.

    Args:
        module: What to import.
        extra: The extra of this package that brings it.

    Raises:
        MissingExtraError: It is not installed; the message has the command.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{error.name} is not installed; try: pip install 'heterophony[{extra}]'") from error
