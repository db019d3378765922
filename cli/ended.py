"""How a command ends: what a person has to fix, and what the engine or AWS refused, as sentences and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable

from cli.command import FAILED, USAGE
from delivery.aws import RequestError
from offline.engine.errors import EngineError, UsageError


def ended(command: Callable[[], int], *, failures: tuple[type[Exception], ...] = ()) -> int:
    """The command's exit code; 2 for wrong settings and usage, 1 for refusals. failures: more exceptions that are refusals."""
    try:
        return command()
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except (EngineError, RequestError, *failures) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except Exception as error:
        from settings.problems import SettingsError  # imports the SDK: only once something went wrong

        if not isinstance(error, SettingsError):
            raise
        print(error, file=sys.stderr)
        return USAGE
