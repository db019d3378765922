"""Runs a Pulumi program as the language host does, from a clean slate. Stands alone: no module of this project is imported.

The process of a program loads it by its path: whatever the program calls `settings` or `offline` must be the program's.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import os
import runpy
import selectors
import sys
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


class _Inline(ThreadPoolExecutor):
    """Runs what the SDK hands to a thread at once, on the event loop's thread; a future that it returns is waited for.

    Requests come one after the other in the program's order, every run alike, and a signal never meets a half-done one.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(max_workers=1)
        self._loop = loop

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            result = fn(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  # a future carries whatever was raised
            future = self._loop.create_future()
            future.set_exception(error)
            return future
        if asyncio.isfuture(result):
            return result
        future = self._loop.create_future()
        future.set_result(result)
        return future


class _Turns(selectors.DefaultSelector):
    """Takes the next answer where the program can do nothing more without one: what it does between two answers is alike in every run."""

    _BUSY = 1000
    """Turns after which a program that always has something to do, as one that looks again and again, gets what it may wait for."""

    def __init__(self, settle: Callable[[], bool]) -> None:
        super().__init__()
        self._settle = settle
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._turns += 1
        if timeout == 0 and self._turns < self._BUSY:
            # The loop's own pipe, which is always there, only wakes it.
            return super().select(0) if len(self.get_map()) > 1 else []
        self._turns = 0
        return [] if self._settle() else super().select(timeout)


class _DryRun(int):
    """What the SDK keeps as `dry_run`; it notes whether anything but the SDK itself asked for it."""

    asked = False

    def __bool__(self) -> bool:
        frame = inspect.currentframe()
        while frame is not None and frame.f_globals.get("__name__") in (__name__, "pulumi.runtime.settings"):
            frame = frame.f_back  # this, and is_dry_run
        self.asked = self.asked or frame is None or not str(frame.f_globals.get("__name__")).startswith("pulumi.")
        return self != 0


def run(
    main: Callable[[], None],
    *,
    monitor: Any,
    engine: Any,
    settle: Callable[[], bool] = lambda: False,
    config: Mapping[str, str],
    secret_keys: Sequence[str],
    dry_run: bool,
    **settings: Any,
) -> bool:
    """Run a program to its end against a monitor and an engine; whether it asked if this is a preview only.

    settings: of pulumi.runtime.Settings. Raises what the program raised.
    """
    noting: Any = _DryRun(dry_run)

    def inner() -> None:
        from pulumi.runtime import Settings, configure, set_all_config
        from pulumi.runtime.stack import run_in_stack

        _leave_out_stack_traces()
        configure(Settings(monitor=monitor, engine=engine, organization="organization", dry_run=noting, **settings))
        set_all_config(dict(config), list(secret_keys))
        loop = asyncio.SelectorEventLoop(_Turns(settle))
        loop.set_default_executor(_Inline(loop))
        loop.set_exception_handler(lambda _loop, _context: None)  # the SDK raises the first failure itself
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(run_in_stack(main))
        finally:
            _cancel_all(loop)
            asyncio.set_event_loop(None)
            loop.close()

    # An empty context: nothing of an earlier run (root resource, settings, configuration) is visible.
    contextvars.Context().run(inner)
    return bool(noting.asked)


def main_of(project_dir: Path) -> Callable[[], None]:
    """What runs a project's `__main__.py`."""
    return lambda: (runpy.run_path(str(project_dir / "__main__.py"), run_name="__main__"), None)[1]


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


def settings_report(error: BaseException) -> str | None:
    """The settings' own report of what is wrong with them; the program may have wrapped it for the CLI (pulumi.RunError ... from)."""
    return next((str(reason) for reason in (error, error.__cause__) if hasattr(reason, "problems")), None)


def explained(error: BaseException, project_dir: Path) -> str:
    """What to show of an exception: sentences of the components as they are, anything else with the project's frames."""
    from pulumi import RunError

    if isinstance(error, SystemExit):
        return f"The program ended itself by sys.exit({error.code!r})."
    cause: BaseException = error
    seen = {id(error)}  # `raise error from error` makes a circle
    while (before := cause.__cause__) is not None and id(before) not in seen and str(before) in str(error):
        cause = before
        seen.add(id(cause))
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


def _leave_out_stack_traces() -> None:
    """Keep the SDK from reading the source of every frame for every resource: nobody here asks where one was made.

    A seventh of a preview's time, and memory for all that source. Another SDK without this function goes on as it does.
    """
    from pulumi.runtime import resource
    from pulumi.runtime.proto.source_pb2 import StackTrace

    if hasattr(resource, "_get_stack_trace"):
        setattr(resource, "_get_stack_trace", StackTrace)  # noqa: B010 -- private to the SDK


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
