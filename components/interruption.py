"""Ends the program without a traceback when the engine interrupts it, so that what the policies found is the last thing said."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

_HOST = "pulumi-language-python-exec"
"""What the Pulumi CLI runs Python programs with (sdk/python/cmd of pulumi/pulumi)."""
_INTERRUPTED = 130
"""The exit status of a process that SIGINT ended, as shells count: never a success."""


def end_quietly() -> None:
    """Lets SIGINT end the process at once, where the CLI runs it; elsewhere SIGINT keeps its meaning.

    After a mandatory violation the engine interrupts the program, which by then only waits for it (seen with Pulumi 3.260): Python
    would print two tracebacks of KeyboardInterrupt below the policies' messages.
    """
    if any(Path(argument).name == _HOST for argument in sys.orig_argv[1:4]):
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
