"""Entry point of ./run: finds the project wherever it is called from, then hands over to the commands."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]

# Started by path, Python puts this folder first; the project belongs there instead.
sys.path[:1] = [str(ROOT)]

from cli.main import main  # noqa: E402


def leave(code: int) -> NoReturn:
    """End the process with an exit code as sys.exit does, but leave its memory to the system.

    Python would first take apart every module and resource of a preview, one by one: a third of the time of the whole command.
    """
    if threading.active_count() == 1:
        atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage] -- what was registered to be cleaned up still is
        with contextlib.suppress(OSError):  # said, or silenced, by main
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
