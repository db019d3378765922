"""`./run preview`, `up` and `destroy`: start the engine, show what it reports, and give the exit code."""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from cli.command import DONE, FAILED, USAGE
from cli.options import where
from cli.stages.program import confinement, pack_of, started
from offline.engine.errors import EngineError
from offline.engine.interpreter import tuned
from offline.engine.program.process import ProgramProcess, ProgramSettingsError

if TYPE_CHECKING:
    from rich.console import Console

    from gate.events import Event
    from offline.engine.deployment import Outcome
    from offline.records import EngineName

_REPEATED = {
    "-s": "stage",
    "--project": "project",
    "--program": "program",
    "--state": "state",
    "--policy-pack": "policy_pack",
    "--policy-pack-config": "policy_pack_config",
    "--engine": "engine",
}
"""The options that a command to try next repeats."""
Kind = Literal["preview", "up", "destroy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One run on one stage, as asked for on the command line."""

    kind: Kind
    stage: str
    project_dir: Path
    state_dir: Path
    target: str
    """The options that name stage, project and state, for a command to try next."""
    policy_pack: Path | None = None
    """The pack that judges; None: the project's own."""
    confined: bool = False
    """Whether the program may touch nothing of who judges it: this project."""
    engine: EngineName = "embedded"
    policy_pack_config: Path | None = None
    only: str | None = None
    full: bool = False
    as_json: bool = False
    yes: bool = False
    serve: bool = False
    port: int = 0
    accept_loss: bool = False
    """Whether images, logs, data and messages may go that the preview names."""


def asked(kind: Kind, arguments: argparse.Namespace) -> Operation:
    """The operation that a command line asks for; not every kind has every option."""
    return Operation(
        kind=kind,
        **where(arguments),
        target=_target(arguments),
        policy_pack=getattr(arguments, "policy_pack", None),
        policy_pack_config=getattr(arguments, "policy_pack_config", None),
        only=getattr(arguments, "service", None),
        confined=getattr(arguments, "program", None) is not None,
        engine=arguments.engine,
        full=arguments.full,
        as_json=arguments.json,
        yes=getattr(arguments, "yes", False),
        serve=getattr(arguments, "serve", False),
        port=getattr(arguments, "port", 0),
        accept_loss=getattr(arguments, "accept_loss", False),
    )


def _target(arguments: argparse.Namespace) -> str:
    given = {option: getattr(arguments, name, None) for option, name in _REPEATED.items()}
    if given["--engine"] == "embedded":
        del given["--engine"]
    return " ".join(f"{option} {shlex.quote(str(value))}" for option, value in given.items() if value is not None)


@tuned()
def operate(operation: Operation) -> int:
    """Run it; exit code 0 done, 1 violation, failure or interruption, 2 wrong settings. Raises UsageError and EngineError."""
    early = operation.kind != "destroy" and operation.engine == "embedded" and not operation.confined
    program = started(operation.project_dir) if early else None
    with contextlib.nullcontext() if program is None else contextlib.closing(program):
        return _operate(operation, program)


def _operate(operation: Operation, program: ProgramProcess | None) -> int:
    from cli.report import screens

    out = screens.console()
    notes = screens.console(stderr=True)
    said = notes if operation.as_json else out
    engine = _engine(operation, said)
    said.print(screens.header(operation.kind, operation.stage, engine=engine.name), style="bold")
    if operation.kind == "destroy":
        from cli.stages.losses import agreed  # imports the pack

        if not agreed(operation, say=said.print):
            return FAILED

    started = time.monotonic()
    people = functools.partial(screens.PeopleScreen, out, kind=operation.kind, stage=operation.stage)
    screen = screens.EventScreen() if operation.as_json else people()
    # What the program itself prints must not get between the events.
    beside = contextlib.redirect_stdout(sys.stderr) if operation.as_json else contextlib.nullcontext()
    try:
        with contextlib.closing(screen), beside, _accepting(operation):
            failed, messages = _run(operation, engine, program, screen.on_event)
    except ProgramSettingsError as error:
        notes.print(str(error))
        return USAGE
    seconds = time.monotonic() - started

    if operation.as_json:
        for message in messages:
            notes.print(f"error: {message}")
    else:
        screens.report(out, screen.model, operation, seconds=seconds, failed=failed, messages=messages)
    if failed:
        return FAILED
    if operation.serve:
        from cli.stages.serving import serve_stage
        from offline.aws.handler import AwsError

        try:
            serve_stage(notes if operation.as_json else out, operation)
        except AwsError as error:
            notes.print(f"error: {error}")
            return FAILED
    return DONE


def _run(
    operation: Operation, engine: _Engine, program: ProgramProcess | None, on_event: Callable[[Event], None]
) -> tuple[bool, tuple[str, ...]]:
    """Whether it failed, and what was said of it. Raises UsageError and the settings' own error."""
    try:
        if operation.only is not None:
            _require_workload(operation, operation.only)
        outcome = engine.run(
            kind=operation.kind,
            stage=operation.stage,
            project_dir=operation.project_dir,
            state_dir=operation.state_dir,
            pack_dir=pack_of(operation.project_dir, operation.policy_pack, confined=operation.confined),
            pack_config=operation.policy_pack_config,
            on_event=on_event,
            **({} if program is None else {"started": program}),
            **(confinement(operation.project_dir, operation.engine) if operation.confined else {}),
        )
    except KeyboardInterrupt:
        return True, ("interrupted",)
    except EngineError as error:
        return True, (str(error),)
    return outcome.result != "succeeded", outcome.errors


def _accepting(operation: Operation) -> contextlib.AbstractContextManager[None]:
    if not operation.accept_loss:
        return contextlib.nullcontext()
    from cli.stages.acceptance import accepting  # imports the pack

    return accepting()


class _Engine(NamedTuple):
    """What runs an operation; the embedded one has no name."""

    name: str
    run: Callable[..., Outcome]


def _engine(operation: Operation, said: Console) -> _Engine:
    """The engine that was asked for. Raises EngineError where no CLI runs the real one."""
    if operation.engine == "embedded":
        from offline.engine import deployment

        return _Engine("", deployment.run)
    from offline.pulumi.executable import find_cli
    from offline.pulumi.run import run

    cli = find_cli(os.environ)
    if cli.passed_over:
        said.print(cli.passed_over)
    own = functools.partial(run, cli=cli.path, first=lambda what: said.print(f"  {what}"))
    return _Engine(f"pulumi {cli.version} ({cli.source})", own)


def _require_workload(operation: Operation, name: str) -> None:
    """UsageError for a SERVICE that the catalogue does not have, before anything is done."""
    from cli.stages.known import require_known
    from policies.resources.json_text import read_json
    from settings.files.stack_config import load

    config = load(operation.project_dir, operation.stage)
    documents = (config.values.get(f"{config.project}:{key}", "") for key in ("services", "jobs"))
    known = [name for document in documents if document.startswith("{") for name in read_json(document)]
    require_known(name, dict.fromkeys(known), "service or job")
