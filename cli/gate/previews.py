"""One stage previewed for the gate: by the real CLI against its backend, by an engine offline, or as a file of events."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from cli.stages.acceptance import told
from gate.document import DatabaseBudget, Engine
from gate.stream import Listener, Reported
from offline.engine.errors import EngineError
from offline.engine.program.process import ProgramSettingsError
from policies.serving.budget_report import REPORT_VARIABLE

_BUDGETS = TypeAdapter(tuple[DatabaseBudget, ...])
_BASELINE = "CONNECTION_BUDGET_BASELINE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """`./run gate` as asked for. events: a saved stream of the one stage; against: the pack in force, to compare with."""

    stages: Sequence[str]
    project_dir: Path
    state_dir: Path
    out: Path
    engine: Literal["embedded", "pulumi"] | None = None
    events: Path | None = None
    policy_pack: Path | None = None
    policy_pack_config: Path | None = None
    against: Path | None = None
    confined: bool = False
    """Whether the project is a merge request's, which may touch nothing of who judges it: this project."""
    accept_loss: bool = False
    """Whether images, logs, data and messages may go that a preview names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What one preview reported. budgets: as the pack judged them; None where it reported none."""

    reported: Reported
    engine: Engine
    exit_code: int | None = None
    budgets: tuple[DatabaseBudget, ...] | None = None
    errors: tuple[str, ...] = ()


def has_backend() -> bool:
    """Whether the real CLI can be asked: it is on PATH, and a backend is set."""
    return bool(os.environ.get("PULUMI_BACKEND_URL")) and shutil.which("pulumi") is not None


def preview(asked: Gate, stage: str, pack: Path) -> Preview:
    """One stage's preview. Raises OSError where there are no events, and what the settings raise."""
    if asked.events is not None:
        return _recorded(asked.events)
    # An engine that was asked for by name is the offline one; otherwise the real backend wins where there is one.
    if asked.engine is None and not asked.confined and has_backend():
        return _against_backend(asked, stage, pack)
    return _offline(asked, stage, pack)


def _recorded(path: Path) -> Preview:
    """The preview that a file of events is about."""
    listener = Listener()
    with path.open("rb") as lines:
        listener.read(lines)
    return Preview(reported=listener.reported, engine=Engine(kind="recorded"))


def _offline(asked: Gate, stage: str, pack: Path) -> Preview:
    """A preview by the embedded engine, or by the real one against the offline AWS."""
    from cli.stages.program import confinement
    from offline.engine import deployment
    from offline.pulumi import run as real
    from offline.pulumi.executable import find_cli

    listener, errors = Listener(), tuple[str, ...]()
    engine = Engine(kind="embedded")
    how = {
        "kind": "preview",
        "stage": stage,
        "project_dir": asked.project_dir,
        "state_dir": asked.state_dir,
        "pack_dir": pack,
        "pack_config": asked.policy_pack_config,
        "on_event": listener.take,
    }
    with _reported() as report, contextlib.redirect_stdout(sys.stderr):
        try:
            if asked.engine == "pulumi":
                cli = find_cli(os.environ)
                engine = Engine(kind="pulumi", version=cli.version)
                outcome = real.run(cli=cli.path, **how)  # type: ignore[arg-type]
            else:
                own = confinement(asked.project_dir, asked.engine or "embedded") if asked.confined else {}
                outcome = deployment.run(**how, **own)  # type: ignore[arg-type]
        except (ProgramSettingsError, EngineError) as error:
            return Preview(reported=listener.reported, engine=engine, errors=(str(error),))
        reported = listener.reported
        if outcome.result != "succeeded" and not reported.model.violations:
            errors = outcome.errors
        return Preview(reported=reported, engine=engine, budgets=_read(report), errors=errors)


def _against_backend(asked: Gate, stage: str, pack: Path) -> Preview:
    """A preview by the CLI on PATH against the backend and the account that the environment names."""
    version = _ask("version", cwd=asked.project_dir).strip().removeprefix("v")
    listener = Listener()
    with _reported() as report, tempfile.TemporaryDirectory(prefix="gate-") as folder:
        log, baseline = Path(folder) / "events.jsonl", Path(folder) / "baseline.json"
        errors = _export(asked.project_dir, stage, baseline)
        config = asked.policy_pack_config
        configured = ("--policy-pack-config", str(config)) if config else ()
        done = subprocess.run(
            [
                "pulumi", "preview", "--stack", stage, "--non-interactive", "--color", "never",
                "--policy-pack", str(pack), *configured, "--event-log", str(log),
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


def _export(project_dir: Path, stage: str, path: Path) -> tuple[str, ...]:
    """A fresh export of what runs; one that cannot be made is an error: the way to the new state would not be judged."""
    try:
        _ask("stack", "export", "--stack", stage, "--file", str(path), cwd=project_dir)
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
        with told(REPORT_VARIABLE, str(path)):
            yield path


def _read(path: Path) -> tuple[DatabaseBudget, ...] | None:
    try:
        return _BUDGETS.validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None
