"""Runs the program of a pass: `__main__.py` in a process of its own; a function, as tests have it, in this one."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Generator
from typing import Any

from offline.engine.context import Context
from offline.engine.errors import EngineError, UsageError
from offline.engine.monitor import LogEngine, Monitor
from offline.engine.program import host
from offline.engine.program.process import ProgramError, ProgramProcess


def run_program(
    context: Context, monitor: Monitor, engine: LogEngine, program: ProgramProcess | Callable[[], None]
) -> bool:
    """Run the program to its end; whether it asked if this is a preview only.

    Raises ProgramError for what is not meant for people, and the settings' own report.
    """
    settings: dict[str, Any] = {
        "config": dict(context.config.values),
        "secret_keys": sorted(context.config.secret_keys),
        "project": context.config.project,
        "stack": context.config.stage,
        "dry_run": context.dry_run,
        "root_directory": str(context.project_dir),
    }
    if not isinstance(program, ProgramProcess):
        return _run_here(program, context, monitor, engine, settings)
    path = context.project_dir / "__main__.py"
    if not path.is_file():
        raise EngineError(f"There is no program: {path} does not exist.")

    def answers(method: str) -> Callable[[Any], Any] | None:
        return getattr(monitor, method, None) or getattr(engine, method, None)

    return program.run(
        {"project_dir": str(context.project_dir), **settings},
        answers=answers,
        written=engine.written,
        interrupted=context.interrupted,
    )


def _run_here(
    program: Callable[[], None], context: Context, monitor: Monitor, engine: LogEngine, settings: dict[str, Any]
) -> bool:
    with host.inside(context.project_dir), _captured(engine):
        try:
            return host.run(program, monitor=monitor, engine=engine, **settings)
        except (EngineError, UsageError):
            raise
        except (Exception, SystemExit) as error:
            for reason in (error, error.__cause__):
                if hasattr(reason, "problems"):
                    raise reason from None  # type: ignore[misc]
            raise ProgramError(host.explained(error, context.project_dir)) from error


class _Printed(io.TextIOBase):
    """What the program prints, line by line: the output of the command itself stays a stream of events."""

    def __init__(self, written: Callable[[str], None]) -> None:
        self._written = written
        self._rest = ""

    def write(self, text: str, /) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._written(line)
        return len(text)

    def flush(self) -> None:
        if self._rest:
            rest, self._rest = self._rest, ""
            self._written(rest)


@contextlib.contextmanager
def _captured(engine: LogEngine) -> Generator[None]:
    printed = _Printed(engine.written)
    try:
        with contextlib.redirect_stdout(printed):
            yield
    finally:
        printed.flush()
