"""The library `transformers`: imported late, in one place, in silence, and without companions that do not fit.

transformers imports torchvision and torchaudio wherever they are installed, though the networks used here need
neither. A build of them for another torch (with CUDA where torch has none, or of another version) cannot be imported
and would take transformers with it. Such a companion is hidden while transformers looks for it.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType

from heterophony.extras import import_extra

COMPANIONS = ("torchvision", "torchaudio")


@cache
def transformers_model(name: str) -> ModuleType:
    """A module below `transformers.models`, e.g. `whisper.modeling_whisper`.

    Raises:
        MissingExtraError: transformers is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _hidden([companion for companion in COMPANIONS if not _fits(companion)]):
            module: ModuleType = import_extra(f"transformers.models.{name}", "transformers")
            return module


def _fits(companion: str) -> bool:
    """Whether it can be imported, if it is installed at all."""
    try:
        import_module(companion)
    except ImportError:
        return True  # not there: transformers sees that itself
    except (OSError, RuntimeError):  # a shared library that is not there; an operator that is not
        return False
    return True


@contextmanager
def _hidden(modules: list[str]) -> Iterator[None]:
    """Lets these modules seem not to be installed; what transformers remembers of its search is forgotten first."""
    for module in modules:
        sys.modules[module] = None  # type: ignore[assignment]
    for check in vars(import_extra("transformers.utils.import_utils", "transformers")).values() if modules else ():
        if hasattr(check, "cache_clear"):
            check.cache_clear()
    try:
        yield
    finally:
        for module in modules:
            sys.modules.pop(module, None)
