"""The command line. Every command imports what it needs when it runs, so that `--help` is quick."""

import sys

from heterophony.cli.app import app
from heterophony.cli.options import SOME_REFUSED
from heterophony.errors import HeterophonyError

FAILED = 1

__all__ = ["FAILED", "SOME_REFUSED", "app", "main"]


def main() -> None:
    """Runs the command line; what heterophony or the system refuses becomes one message and exit code 1."""
    try:
        app(prog_name="heterophony")
    except HeterophonyError as error:
        sys.stderr.write(f"heterophony: {error}\n")
        sys.exit(FAILED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        sys.stderr.write(f"heterophony: {where}{error.strerror or error}\n")
        sys.exit(FAILED)
