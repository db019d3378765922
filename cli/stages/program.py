"""Which pack judges a program, and how its process is started: before all else, or confined where it may not touch who judges it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from cli.command import ROOT
from offline.engine.errors import UsageError
from offline.engine.program.process import ProgramProcess


def pack_of(project_dir: Path, asked: Path | None, *, confined: bool) -> Path:
    """The pack that judges: the one that was asked for, the project's own, or this one's; there never is none."""
    own = project_dir / "policies"
    return asked or (own if own.is_dir() and not confined else ROOT / "policies")


def started(project_dir: Path) -> ProgramProcess | None:
    """The process, which loads the SDK while this one loads all else. None where there is no program."""
    if not (project_dir / "__main__.py").is_file():
        return None
    return ProgramProcess(project_dir, python=Path(sys.executable), confined=False)


def confinement(project_dir: Path, engine: str) -> dict[str, Any]:
    """How a program runs that may not touch who judges it. Raises UsageError where it cannot."""
    from cli.bootstrap import BootstrapError, prepare_for_program

    if engine != "embedded":
        raise UsageError("--program is for the embedded engine: the real one starts programs itself, unconfined.")
    if project_dir == ROOT or ROOT.is_relative_to(project_dir):
        raise UsageError(
            f"--program names {project_dir}, which holds who judges it ({ROOT}). Run this command from a checkout "
            'of its own, outside of that folder: docs/operations.md, "Who guards the gate".'
        )
    try:
        return {"confined": True, "python": prepare_for_program(project_dir / "requirements.txt")}
    except BootstrapError as error:
        raise UsageError(str(error)) from error
