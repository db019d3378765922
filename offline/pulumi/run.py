"""One operation on one stage by the real engine: preview, up or destroy, from configuration to the last event."""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import shutil
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gate.events import UNDECIDED, displayed
from offline.engine.deletions import refuse_protected
from offline.engine.errors import EngineError, UsageError
from offline.engine.judging.pack_process import pack_environment
from offline.engine.outcome import CHANGES, Outcome
from offline.engine.program.host import inside
from offline.engine.record import ResourceRecord
from offline.pulumi.command import Cli, Ended
from offline.pulumi.interrupted import exported, note_start, restore_checkpoint, settle
from offline.pulumi.workspace import Workspace
from offline.records import refuse_other_engine
from settings.files.stack_config import StackConfig, load

Event = dict[str, Any]
Kind = Literal["preview", "up", "destroy"]


def run(
    *,
    cli: Path,
    kind: Kind,
    stage: str,
    project_dir: Path,
    state_dir: Path,
    pack_dir: Path | None,
    on_event: Callable[[Event], None],
    program: Callable[[], None] | None = None,
    pack_config: Path | None = None,
    skip_preview: bool = False,
    first: Callable[[str], None] = lambda what: None,
    hosted: bool = False,
) -> Outcome:
    """Run one operation as `pulumi preview`, `up --yes` or `destroy --yes` would, against the offline AWS.

    Failures end in the outcome and in events. Raised are UsageError (files, names), StateError (a state in use, or of the
    embedded engine) and the settings' own error. `up` previews first, with the pack; of a failed preview its own events are
    seen, otherwise only the update's. `hosted`: the CLI runs `__main__.py` by its own language host, not this process.
    `first` gets the preview of `up`, which takes as long as a preview by itself.
    """
    config = load(project_dir, stage)
    refuse_other_engine(state_dir, stage, "pulumi")
    with contextlib.closing(Workspace(state_dir, stage)) as workspace:
        if workspace.record.is_file():
            workspace.log("read").close()  # one that is damaged is refused now, not by the plugin when half is done
        workspace.prepare(project_dir, config, linked=hosted)
        operation = _Operation(
            cli=Cli(cli, workspace),
            workspace=workspace,
            config=config,
            project_dir=project_dir.resolve(),
            pack_dir=pack_dir and pack_dir.resolve(),
            pack_config=pack_config,
            program=program,
            hosted=hosted,
            on_event=on_event,
            first=first,
        )
        return operation.run(kind, skip_preview=skip_preview)


@dataclass(slots=True)
class _Heard:
    """What the events of one command said."""

    events: list[Event] = field(default_factory=list[Event])
    violations: list[Event] = field(default_factory=list[Event])
    errors: list[str] = field(default_factory=list[str])
    summary: Event | None = None
    judged: bool = False
    outputs: Event = field(default_factory=dict[str, Any])

    def take(self, event: Event) -> None:
        if "policyEvent" in event:
            self.violations.append(event["policyEvent"])
        elif "policyAnalyzeStackSummaryEvent" in event:
            self.judged = True
        elif "summaryEvent" in event:
            self.summary = event["summaryEvent"]
        elif (said := event.get("diagnosticEvent")) and said.get("severity") == "error":
            self.errors.append(str(said.get("message", "")).strip())
        elif made := event.get("resOutputsEvent"):
            metadata = made["metadata"]
            if metadata["type"] == "pulumi:pulumi:Stack" and metadata["op"] != "refresh":
                self.outputs = displayed((metadata.get("new") or {}).get("outputs") or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    cli: Cli
    workspace: Workspace
    config: StackConfig
    project_dir: Path
    pack_dir: Path | None
    pack_config: Path | None
    program: Callable[[], None] | None
    hosted: bool
    on_event: Callable[[Event], None]
    first: Callable[[str], None]

    def run(self, kind: Kind, *, skip_preview: bool) -> Outcome:
        restore_checkpoint(self.workspace)
        if not self.workspace.has_stack(self.config.project):
            self.cli.ask("stack", "select", "--create")
        if self.workspace.has_locks():  # of a command that was killed: this run holds the folder's own
            with contextlib.suppress(EngineError):
                self.cli.ask("cancel", "--yes")
        deployment = settle(self.workspace, self.cli)
        for key in sorted(self.config.secret_keys):
            self.cli.ask("config", "set", "--secret", key, stdin=self.config.values[key])
        if kind == "destroy":
            # The CLI itself would delete everything else first.
            recorded = (
                ResourceRecord(serial=0, urn=each["urn"], type=each["type"], custom=True, protect=True)
                for each in deployment.get("resources") or ()
                if each.get("protect")
            )
            refuse_protected(recorded, doing="This run")
            outcome = self._operate(deployment, "destroy", "--yes", "--skip-preview")
            if outcome.result == "succeeded":
                self.workspace.clear()
            return outcome
        if kind == "preview" or not skip_preview:
            held: list[Event] = []
            if kind == "up":
                self.first("previewing first: nothing is changed if the policies refuse it")
            preview = self._operate(deployment, "preview", show=self.on_event if kind == "preview" else held.append)
            if kind == "preview" or preview.result == "failed":
                for event in held:
                    self.on_event(event)
                return preview
        return self._operate(deployment, "up", "--yes", "--skip-preview")

    def _operate(
        self,
        deployment: Mapping[str, Any],
        verb: str,
        *options: str,
        show: Callable[[Event], None] | None = None,
    ) -> Outcome:
        """One command; what it leaves when it is killed is settled by the next run. deployment: the stack as it stands."""
        if verb != "preview":
            note_start(self.workspace)
        heard, usage = _Heard(), list[BaseException]()
        show = show or self.on_event

        def on_event(event: Event) -> None:
            heard.take(event)
            show(event)

        unsaved = {"PULUMI_SKIP_CHECKPOINTS": "true"} if verb == "preview" else {}  # nor written out at every step
        with _baseline(self.workspace, deployment) as baseline:
            ended = self.cli.operate(
                verb,
                *options,
                *(self._pack() if verb != "destroy" else ()),
                program=None if verb == "destroy" or self.hosted else self._program(usage),
                on_event=on_event,
                environment=pack_environment(self.config, dry_run=verb == "preview", baseline=baseline) | unsaved,
            )
        if usage:
            raise usage[0]
        return _outcome(verb, ended, heard, judged=bool(self.pack_dir) and verb != "destroy")

    def _pack(self) -> tuple[str, ...]:
        if self.pack_dir is None:
            return ()
        if not (self.pack_dir / "PulumiPolicy.yaml").is_file():
            raise UsageError(f"There is no policy pack in {self.pack_dir}: it has no PulumiPolicy.yaml.")
        # With a language host the CLI starts the pack itself, in the pack's own virtual environment.
        hosted = shutil.which("pulumi-language-python", path=f"{self.cli.path.parent}{os.pathsep}{os.environ['PATH']}")
        pack = self.pack_dir if hosted else self.workspace.pack_launcher(self.pack_dir)
        configured = ("--policy-pack-config", str(self.pack_config.resolve())) if self.pack_config else ()
        return ("--policy-pack", str(pack), *configured)

    def _program(self, usage: list[BaseException]) -> Callable[[], None]:
        """`__main__.py` in the project's folder; the settings' own report is kept, since it ends with another exit code."""

        def main() -> None:
            try:
                with inside(self.project_dir):
                    runpy.run_path(str(self.project_dir / "__main__.py"), run_name="__main__")
            except Exception as error:
                usage.extend(reason for reason in (error, error.__cause__) if reason and hasattr(reason, "problems"))
                raise

        return self.program or main


def _outcome(verb: str, ended: Ended, heard: _Heard, *, judged: bool) -> Outcome:
    """The exit code and the events must agree; a stream without its summary is a failure, whatever the code.

    judged: the stack was to be judged. A pack that reported nothing, or could not decide, has let nothing pass.
    """
    summary = heard.summary
    succeeded = ended.code == 0 and summary is not None and summary.get("result") == "succeeded"
    errors = list(heard.errors)
    undecided = {item["policyName"] for item in heard.violations if str(item.get("message", "")).startswith(UNDECIDED)}
    if undecided:
        errors.append(f"{', '.join(sorted(undecided))}: a policy that cannot decide has not passed, so this run fails.")
    elif succeeded and judged and not heard.judged:
        errors.append("The policy pack reported nothing on the stack: nothing was judged, so this run fails.")
    succeeded = succeeded and not errors
    if ended.interrupted:
        errors.insert(0, "interrupted: the current operation was finished and recorded. Run the same command again.")
    elif not succeeded and not errors and not heard.violations:
        errors.append(f"pulumi {verb} ended with exit code {ended.code}:\n" + "\n".join(ended.tail[-12:]))
    changes: Mapping[str, int] = (summary or {}).get("resourceChanges") or {}
    return Outcome(
        result="succeeded" if succeeded else "failed",
        changes={op: int(changes.get(op, 0)) for op in CHANGES},
        violations=tuple(heard.violations),
        errors=tuple(errors),
        outputs=heard.outputs,
        resources=(),
    )


@contextlib.contextmanager
def _baseline(workspace: Workspace, deployment: Mapping[str, Any]) -> Generator[Path | None]:
    """The stack's export as a file for the time of a run; None where nothing is recorded."""
    if not deployment.get("resources"):
        yield None
        return
    path = workspace.folder / "baseline.json"
    path.write_text(json.dumps(exported(deployment)), encoding="utf-8")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
