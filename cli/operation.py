"""`./run preview`, `up` and `destroy`: start the engine, show what it reports, and give the exit code."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cli import render
from offline.engine.interpreter import tuned

if TYPE_CHECKING:
    from offline.engine.deployment import Outcome

ROOT = Path(__file__).resolve().parents[1]
DONE, FAILED, USAGE = 0, 1, 2
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
    policy_pack_config: Path | None = None
    only: str | None = None
    as_json: bool = False
    yes: bool = False
    serve: bool = False
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """How the engine ended: with an outcome, or with a reason why there is none."""

    outcome: Outcome | None = None
    messages: tuple[str, ...] = ()
    usage: bool = False
    interrupted: bool = False

    @property
    def failed(self) -> bool:
        return self.outcome is None or self.outcome.result != "succeeded"


@tuned()
def operate(operation: Operation) -> int:
    """Run it; exit code 0 done, 1 violation, failure or interruption, 2 wrong settings or usage."""
    out = render.console()
    notes = render.console(stderr=True)
    (notes if operation.as_json else out).print(render.header(operation.kind, operation.stage), style="bold")
    if operation.kind == "destroy" and not operation.yes and not _confirmed(operation.stage):
        notes.print("Nothing was deleted.")
        return FAILED

    started = time.monotonic()
    screen: render.Screen = (
        render.EventScreen()
        if operation.as_json
        else render.PeopleScreen(out, kind=operation.kind, stage=operation.stage)
    )
    # What the program itself prints must not get between the events.
    beside = contextlib.redirect_stdout(sys.stderr) if operation.as_json else contextlib.nullcontext()
    try:
        with beside:
            result = _run(operation, screen)
    finally:
        screen.close()
    seconds = time.monotonic() - started

    if result.usage:
        for message in result.messages:
            notes.print(message)
        return USAGE
    if operation.as_json:
        for message in result.messages:
            notes.print(f"error: {message}")
    else:
        render.report(
            out,
            screen.model,
            kind=operation.kind,
            target=operation.target,
            only=operation.only,
            seconds=seconds,
            failed=result.failed,
            interrupted=result.interrupted,
            budget=_budget(result.outcome),
            messages=result.messages,
        )
    if result.failed:
        return FAILED
    if operation.serve:
        from cli.serving import serve_stage
        from offline.aws.handler import AwsError

        try:
            serve_stage(
                notes if operation.as_json else out,
                project_dir=operation.project_dir,
                state_dir=operation.state_dir,
                stage=operation.stage,
                port=operation.port,
            )
        except AwsError as error:
            notes.print(f"error: {error}")
            return FAILED
    return DONE


def _run(operation: Operation, screen: render.Screen) -> _Result:
    from offline.engine import deployment
    from offline.engine.errors import EngineError, UsageError

    own = operation.project_dir / "policies"
    try:
        if operation.only is not None:
            _require_workload(operation, operation.only)
        outcome = deployment.run(
            kind=operation.kind,
            stage=operation.stage,
            project_dir=operation.project_dir,
            state_dir=operation.state_dir,
            # Never without a pack.
            pack_dir=operation.policy_pack or (own if own.is_dir() else ROOT / "policies"),
            pack_config=operation.policy_pack_config,
            on_event=screen.on_event,
        )
    except UsageError as error:
        return _Result(messages=(f"error: {error}",), usage=True)
    except KeyboardInterrupt:
        return _Result(messages=("interrupted",), interrupted=True)
    except EngineError as error:
        return _Result(messages=(str(error),))
    except Exception as error:
        from settings import SettingsError  # imports the SDK: only once something went wrong

        if isinstance(error, SettingsError):
            return _Result(messages=(str(error),), usage=True)
        raise
    interrupted = any(message.startswith("interrupted") for message in outcome.errors)
    return _Result(outcome=outcome, messages=outcome.errors, interrupted=interrupted)


def _require_workload(operation: Operation, name: str) -> None:
    """UsageError for a SERVICE that the catalogue does not have, before anything is done."""
    from offline.engine.config import load
    from offline.engine.errors import UsageError

    config = load(operation.project_dir, operation.stage)
    documents = (config.values.get(f"{config.project}:{key}", "") for key in ("services", "jobs"))
    known = sorted(name for document in documents if document.startswith("{") for name in json.loads(document))
    if name not in known:
        raise UsageError(f"There is no service or job {name!r} in Pulumi.yaml; there are: {', '.join(known)}.")


def _budget(outcome: Outcome | None) -> str:
    """The connection budget of every database where it fits; where it does not, the policy's message has the table."""
    if outcome is None:
        return ""
    from offline.engine.properties import plain
    from policies.budget.table import budget_table, headline
    from policies.facts.clients.budgets import DatabaseBudget
    from policies.facts.facts import Facts
    from policies.resources.graph import Graph

    graph = Graph.from_records(
        {
            "type": record.type,
            "urn": record.urn,
            "inputs": plain(record.inputs),
            "outputs": plain(record.outputs),
            "property_dependencies": record.property_dependencies,
        }
        for record in outcome.resources
    )
    fitting = [
        entry.budget for entry in Facts(graph).budgets if isinstance(entry, DatabaseBudget) and entry.budget.fits
    ]
    return "\n\n".join(f"{headline(budget)}\n{budget_table(budget)}" for budget in fitting)


def _confirmed(stage: str) -> bool:
    """Ask a person; without a terminal there is nobody to ask."""
    if not sys.stdin.isatty():
        return True
    try:
        return input(f"Delete everything recorded for stage {stage}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
