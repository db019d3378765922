"""One stage previewed for the gate: by the real CLI against its backend, by an engine offline, or as a file of events."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from gate.document import DatabaseBudget, Engine
from gate.stream import Listener, Reported
from offline.engine.errors import EngineError
from offline.engine.program.process import ProgramSettingsError
from policies.serving.budget_report import REPORT_VARIABLE

_BUDGETS = TypeAdapter(tuple[DatabaseBudget, ...])
_BASELINE = "CONNECTION_BUDGET_BASELINE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What one preview reported. budgets: as the pack judged them; None where it reported none."""

    reported: Reported
    engine: Engine
    exit_code: int | None = None
    budgets: tuple[DatabaseBudget, ...] | None = None
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A preview as it was asked for."""

    stage: str
    project_dir: Path
    state_dir: Path
    pack_dir: Path
    pack_config: Path | None = None
    engine: Literal["embedded", "pulumi"] = "embedded"
    confined: bool = False
    """Whether the program may touch nothing of who judges it."""


def has_backend() -> bool:
    """Whether the real CLI can be asked: it is on PATH, and a backend is set."""
    return bool(os.environ.get("PULUMI_BACKEND_URL")) and shutil.which("pulumi") is not None


def recorded(path: Path) -> Preview:
    """The preview that a file of events is about. Raises OSError."""
    listener = Listener()
    with path.open("rb") as lines:
        listener.read(lines)
    return Preview(reported=listener.reported, engine=Engine(kind="recorded"))


def offline(asked: Asked) -> Preview:
    """A preview by the embedded engine, or by the real one against the offline AWS. Raises what the settings raise."""
    from cli.stages.program import confinement
    from offline.engine import deployment
    from offline.pulumi import run as real
    from offline.pulumi.executable import find_cli

    listener, errors = Listener(), tuple[str, ...]()
    engine = Engine(kind="embedded")
    how = {
        "kind": "preview",
        "stage": asked.stage,
        "project_dir": asked.project_dir,
        "state_dir": asked.state_dir,
        "pack_dir": asked.pack_dir,
        "pack_config": asked.pack_config,
        "on_event": listener.take,
    }
    with _reported() as report, contextlib.redirect_stdout(sys.stderr):
        try:
            if asked.engine == "pulumi":
                cli = find_cli(os.environ)
                engine = Engine(kind="pulumi", version=cli.version)
                outcome = real.run(cli=cli.path, **how)  # type: ignore[arg-type]
            else:
                own = confinement(asked.project_dir, asked.engine) if asked.confined else {}
                outcome = deployment.run(**how, **own)  # type: ignore[arg-type]
        except ProgramSettingsError as error:
            return Preview(reported=listener.reported, engine=engine, errors=(str(error),))
        except EngineError as error:
            return Preview(reported=listener.reported, engine=engine, errors=(str(error),))
        reported = listener.reported
        if outcome.result != "succeeded" and not reported.model.violations:
            errors = outcome.errors
        return Preview(reported=reported, engine=engine, budgets=_read(report), errors=errors)


def against_backend(asked: Asked) -> Preview:
    """A preview by the CLI on PATH against the backend and the account that the environment names."""
    version = _ask("version", cwd=asked.project_dir).strip().removeprefix("v")
    listener = Listener()
    with _reported() as report, tempfile.TemporaryDirectory(prefix="gate-") as folder:
        log, baseline = Path(folder) / "events.jsonl", Path(folder) / "baseline.json"
        errors = _export(asked, baseline)
        configured = ("--policy-pack-config", str(asked.pack_config)) if asked.pack_config else ()
        done = subprocess.run(
            [
                "pulumi", "preview", "--stack", asked.stage, "--non-interactive", "--color", "never",
                "--policy-pack", str(asked.pack_dir), *configured, "--event-log", str(log),
            ],
            cwd=asked.project_dir,
            env={
                # The pack of the command judges, and it alone.
                **{key: value for key, value in os.environ.items() if key != "PULUMI_OPTION_POLICY_PACK"},
                "PULUMI_DEBUG_COMMANDS": "true",  # shows --event-log
                _BASELINE: str(baseline) if baseline.is_file() else "",
            },
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            check=False,
        )  # fmt: skip
        if log.is_file():
            with log.open("rb") as lines:
                listener.read(lines)
        return Preview(
            reported=listener.reported,
            engine=Engine(kind="pulumi", version=version),
            exit_code=done.returncode,
            budgets=_read(report),
            errors=errors,
        )


def _export(asked: Asked, path: Path) -> tuple[str, ...]:
    """A fresh export of what runs; one that cannot be made is an error: the way to the new state would not be judged."""
    try:
        _ask("stack", "export", "--stack", asked.stage, "--file", str(path), cwd=asked.project_dir)
    except EngineError as error:
        return (f"What runs now could not be exported, so the way there was not judged. {error}",)
    return ()


def _ask(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        ["pulumi", *arguments],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise EngineError(f"pulumi {' '.join(arguments[:2])} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


@contextlib.contextmanager
def _reported() -> Generator[Path]:
    """A file for the pack's budgets, which its environment names while it runs."""
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        path = Path(folder) / "budgets.json"
        before = os.environ.get(REPORT_VARIABLE)
        os.environ[REPORT_VARIABLE] = str(path)
        try:
            yield path
        finally:
            if before is None:
                del os.environ[REPORT_VARIABLE]
            else:
                os.environ[REPORT_VARIABLE] = before


def _read(path: Path) -> tuple[DatabaseBudget, ...] | None:
    try:
        return _BUDGETS.validate_json(path.read_bytes())
    except (OSError, ValueError, ValidationError):
        return None
