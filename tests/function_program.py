"""A function, or a project's `__main__.py`, as the program of a pass in the process of the tests: without the second of a new one."""

import asyncio
import contextlib
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from offline.engine.deployment import run
from offline.engine.errors import EngineError, UsageError
from offline.engine.outcome import Outcome
from offline.engine.program import host
from offline.engine.program.process import ProgramError, ProgramSettingsError
from tests.project import PROJECT


class FunctionProgram:
    """Runs a function as `ProgramProcess` runs `__main__.py`. What it closes over can be asked afterwards."""

    def __init__(self, main: Callable[[], None]) -> None:
        self._main = main

    def run(
        self,
        order: Mapping[str, Any],
        *,
        answers: Callable[[str], Callable[[Any], Any] | None],
        idle: Callable[[], None],
        written: Callable[[str], None],
        interrupted: Callable[[], bool],
    ) -> bool:
        del interrupted  # a function runs to its end
        project_dir, services, printed = Path(order["root_directory"]), _Services(answers, idle), io.StringIO()
        try:
            with host.inside(project_dir), contextlib.redirect_stdout(printed):
                return host.run(self._main, monitor=services, engine=services, **order)
        except (EngineError, UsageError):
            raise
        except (Exception, SystemExit) as error:
            if (report := host.settings_report(error)) is not None:
                raise ProgramSettingsError(report) from error
            raise ProgramError(host.explained(error, project_dir)) from error
        finally:
            _forget_tasks()
            for line in printed.getvalue().splitlines():
                written(line)


class MainProgram(FunctionProgram):
    """Runs the `__main__.py` of this project, or of a folder with settings of its own for the components of this one."""

    def __init__(self, project_dir: Path) -> None:
        super().__init__(host.main_of(project_dir))


def unjudged(
    kind: Literal["preview", "up", "destroy"],
    project_dir: Path,
    state_dir: Path,
    *,
    stage: str = "dev",
    program: Callable[[], None] | None = None,
    **settings: object,
) -> Outcome:
    """A run without a pack and with nobody to hear its events, of the folder's `__main__.py` unless another program is given.

    settings: keys of this project's configuration that are others.
    """
    return run(
        kind=kind,
        stage=stage,
        project_dir=project_dir,
        state_dir=state_dir,
        pack_dir=None,
        on_event=lambda event: None,
        program=FunctionProgram(program) if program else MainProgram(project_dir),
        config_overrides={f"{PROJECT}:{key}": value for key, value in settings.items()},
    )


def _forget_tasks() -> None:
    """asyncio goes through all tasks there are at the end of each program; those of earlier ones stay until garbage is looked for."""
    tasks: Any = asyncio.tasks._all_tasks  # type: ignore[attr-defined]
    for task in [task for task in tasks if task.done()]:
        tasks.discard(task)


class _Services:
    """Both services of the SDK's protocol, as the engine answers them."""

    def __init__(self, answers: Callable[[str], Callable[[Any], Any] | None], idle: Callable[[], None]) -> None:
        self._answers = answers
        self._idle = idle

    def __getattr__(self, method: str) -> Callable[[Any], Any]:
        answer = self._answers(method)
        if answer is None:
            raise AttributeError(method)

        def told(request: Any) -> Any:
            try:
                return answer(request)
            finally:
                self._idle()

        return told
