"""Processes that end with the one that started them, however that one ends, and processes that are confined as well."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

_LOOK_SECONDS = 0.2
_CONFINED = Path(__file__).with_name("confined.py")
_THEN = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, kept over exec
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""


def dying_with_parent(command: Sequence[str], *, apart: bool = False, writable: Sequence[str] = ()) -> list[str]:
    """The command for Popen, killed by the kernel when the thread that started it ends. Linux only; elsewhere as it is.

    A Python of its own asks for that and then becomes the command. A preexec_fn would fork this process: with gRPC at work
    in it, the child was seen to abort before it was the command. apart: it reads and signals no other process, where the
    kernel can see to that. writable: it also writes nowhere but below these folders, or does not run (offline/confined.py).
    """
    starter = [sys.executable, "-I", "-S"]
    if apart and (sys.platform == "linux" or writable):
        return [*starter, str(_CONFINED), str(os.getpid()), *writable, "--", *command]
    if sys.platform != "linux":
        return list(command)
    return [*starter, "-c", _THEN, str(os.getpid()), *command]


def end_with_parent() -> None:
    """End this process when its parent does. For children of a Go program, whose threads come and go."""
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
