"""How a command ends: what a person has to fix, and what the engine or AWS refused, as sentences and exit codes."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Generator

from cli.command import FAILED, USAGE
from delivery.aws import RequestError
from offline.engine.errors import EngineError, UsageError


def ended(command: Callable[[], int]) -> int:
    """The command's exit code; 2 for wrong settings and usage, 1 for refusals."""
    try:
        return command()
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except (EngineError, RequestError) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except Exception as error:
        if "settings.problems" not in sys.modules:  # it imports the SDK, and has been imported if this is its error
            raise
        from settings.problems import SettingsError

        if not isinstance(error, SettingsError):
            raise
        print(error, file=sys.stderr)
        return USAGE


@contextlib.contextmanager
def interrupted_by_sigterm() -> Generator[None]:
    """SIGTERM ends what runs meanwhile as Ctrl-C does: what it started is stopped on the way out, nothing half-made stays."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
