"""Runs `heterophony train` whole, killed twice, and gone on with; run by `test_resume`.

    python killed_trains.py FOLDER

FOLDER has `tiny.yaml`, `rows.csv` and `vectors.npz`. Each command is a process of its own, forked before this one has
trained anything, and SIGKILL ends it when it has kept so many states.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from heterophony.cli import main as heterophony
from heterophony.training.checkpoint import Checkpoint


def in_a_process(arguments: list[str], kill_after: int | None = None) -> int:
    """Runs the command in a forked process; gives its exit status, the negative of the signal that ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if kill_after is not None:
        kill_when_kept(kill_after)
    sys.argv = ["heterophony", *arguments]
    try:
        heterophony()
    except SystemExit as end:
        os._exit(int(end.code or 0))


def kill_when_kept(count: int) -> None:
    """From now on the process ends at once when it has kept so many states."""
    save, kept = Checkpoint.save, []

    def counted(self: Checkpoint, *given: object, **named: object) -> None:
        save(self, *given, **named)
        kept.append(self.path)
        if len(kept) == count:
            os.kill(os.getpid(), signal.SIGKILL)

    Checkpoint.save = counted


def main(folder: Path) -> None:
    """The whole run in `whole`; the other one in `run`, a copy of it as the first kill left it in `interrupted`."""
    import scipy.special  # noqa: F401 - what is imported at first use, once for all processes
    import torch._dynamo  # noqa: F401

    import heterophony.recipes.train  # noqa: F401

    os.chdir(folder)
    command = ["train", "tiny.yaml", "--data", "rows.csv", "--jobs", "1", "--workers", "0", "--no-store"]
    command += [word for name in ("sound", "words") for word in ("--features", f"{name}=vectors.npz:{name}")]
    ends = [in_a_process([*command, "--out", "whole"])]
    ends.append(in_a_process([*command, "--out", "run"], kill_after=7))
    shutil.copytree("run", "interrupted")
    ends.append(in_a_process([*command, "--out", "run", "--resume"], kill_after=11))
    ends.append(in_a_process([*command, "--out", "run", "--resume"]))
    Path("ends.json").write_text(json.dumps(ends))
    Path("command.json").write_text(json.dumps(command))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
