"""Runs a Pulumi program in this process as the language host does, each time from a clean slate."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import io
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from offline.engine.context import Context
from offline.engine.errors import EngineError, UsageError
from offline.engine.monitor import LogEngine, Monitor

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ProgramError(EngineError):
    """The program itself failed; the message ends where the program's own code raised."""


class _Inline(ThreadPoolExecutor):
    """Runs what the SDK hands to a thread at once, on the event loop's thread.

    The monitor answers in process, so a thread would buy nothing: this way requests come one after the other in the
    program's order, every run alike, and a signal never meets a half-done operation.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  # a future carries whatever was raised
            future.set_exception(error)
        return future


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


def run_program(
    context: Context, monitor: Monitor, engine: LogEngine, program: Callable[[], None] | None = None
) -> None:
    """Run `__main__.py` (or `program`) to its end. Raises what it raised; ProgramError for what is not meant for people."""
    config, project_dir = context.config, context.project_dir

    def run() -> None:
        from pulumi.runtime import Settings, configure, set_all_config
        from pulumi.runtime.stack import run_in_stack

        _leave_out_stack_traces()
        settings = Settings(
            monitor=monitor,
            engine=engine,
            project=config.project,
            stack=config.stage,
            organization="organization",
            dry_run=context.dry_run,
            root_directory=str(project_dir),
        )
        configure(settings)
        set_all_config(dict(config.values), sorted(config.secret_keys))
        main = program or _main(project_dir)
        loop = asyncio.new_event_loop()
        loop.set_default_executor(_Inline(max_workers=1))
        loop.set_exception_handler(lambda _loop, _context: None)  # the SDK raises the first failure itself
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(run_in_stack(main))
        finally:
            _cancel_all(loop)
            asyncio.set_event_loop(None)
            loop.close()

    with inside(project_dir), _captured(engine):
        try:
            # An empty context: nothing of an earlier run (root resource, settings, configuration) is visible.
            contextvars.Context().run(run)
        except (EngineError, UsageError):
            raise
        except SystemExit as error:
            raise ProgramError(f"The program ended itself by sys.exit({error.code!r}).") from error
        except Exception as error:
            # The settings' own report; the program may have wrapped it for the CLI (pulumi.RunError ... from).
            for reason in (error, error.__cause__):
                if reason is not None and hasattr(reason, "problems"):
                    raise reason from None
            raise ProgramError(_explained(error, project_dir)) from error


def _leave_out_stack_traces() -> None:
    """Keep the SDK from reading the source of every frame for every resource: nobody here asks where one was made.

    A seventh of a preview's time, and memory for all that source. Another SDK without this function goes on as it does.
    """
    from pulumi.runtime import resource
    from pulumi.runtime.proto.source_pb2 import StackTrace

    if hasattr(resource, "_get_stack_trace"):
        setattr(resource, "_get_stack_trace", StackTrace)  # noqa: B010 -- private to the SDK


def _main(project_dir: Path) -> Callable[[], None]:
    path = project_dir / "__main__.py"
    if not path.is_file():
        raise EngineError(f"There is no program: {path} does not exist.")
    return lambda: (runpy.run_path(str(path), run_name="__main__"), None)[1]


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


@contextlib.contextmanager
def inside(project_dir: Path) -> Generator[None]:
    """The project's directory as working directory and first on the module path, as for `pulumi up`."""
    before, path = Path.cwd(), list(sys.path)
    os.chdir(project_dir)
    sys.path.insert(0, str(project_dir))
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path


@contextlib.contextmanager
def _captured(engine: LogEngine) -> Generator[None]:
    printed = _Printed(engine.written)
    try:
        with contextlib.redirect_stdout(printed):
            yield
    finally:
        printed.flush()


def _explained(error: Exception, project_dir: Path) -> str:
    """What to show of an exception: sentences of the components as they are, anything else with the project's frames."""
    from pulumi import RunError

    cause: BaseException = error
    while cause.__cause__ is not None and str(cause.__cause__) in str(error):
        cause = cause.__cause__
    frames = [
        frame
        for frame in traceback.extract_tb(cause.__traceback__)
        if Path(frame.filename).is_relative_to(project_dir) and ".venv" not in Path(frame.filename).parts
    ]
    places = [f"{Path(frame.filename).relative_to(project_dir)}:{frame.lineno}" for frame in frames]
    if isinstance(error, RunError):
        return str(error)
    if isinstance(error, ValueError):
        return f"{error}" + (f" ({places[-1]})" if places else "")
    where = "".join(f"\n  {place} in {frame.name}: {frame.line}" for place, frame in zip(places, frames, strict=True))
    return f"The program failed with {type(cause).__name__}: {cause}{where}"
