"""A command of ./run in the process of the tests, its program and the pack, too: without the two seconds that new processes take."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from cli.stages import operation
from offline.engine import deployment
from offline.engine.outcome import Outcome
from tests.function_program import MainProgram
from tests.pack_here import packs_here


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


@contextlib.contextmanager
def programs_here(run: Callable[..., Outcome] = deployment.run) -> Generator[None]:
    """Programs run in this process, and so does the project's pack. run: the engine, or what stands before it."""

    def here(*, project_dir: Path, **told: Any) -> Outcome:
        return run(project_dir=project_dir, **told | {"program": MainProgram(project_dir)})

    with packs_here(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployment, "run", here)
        patch.setattr(operation, "started", lambda _project: None)
        yield


class Screen(io.StringIO):
    """A stream that is a terminal, or none."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def command(
    folder: Path, *arguments: str, terminal: bool = False, environment: Mapping[str, str] | None = None
) -> Ended:
    """Run a command in a folder. Its output is as wide as COLUMNS says."""
    out, err = Screen(terminal=terminal), Screen(terminal=terminal)
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        patch.chdir(folder)
        try:
            code = main(arguments)
        except SystemExit as ended:  # of argparse: after its help, or on wrong usage
            code = ended.code if isinstance(ended.code, int) else 1
    return Ended(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())
