"""One pass of a deployment: the program against the monitor (a preview or an update), or the deletion of everything."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from gate.events import displayed
from offline.engine import events
from offline.engine.errors import EngineError, UsageError
from offline.engine.monitor import LogEngine, Monitor
from offline.engine.outcome import CHANGES, Outcome
from offline.engine.pack_config import PackConfig
from offline.engine.pack_process import PackProcess
from offline.engine.policies import Policies
from offline.engine.program import run_program
from offline.engine.provider import Provider
from offline.engine.registrar import Registrar
from offline.engine.state import Journal
from offline.engine.steps import Steps
from offline.engine.urn import stack_urn
from offline.properties import shown
from settings.files.stack_config import StackConfig


class Phase:
    """A pass that tells of itself from the prelude to the summary."""

    def __init__(
        self,
        *,
        config: StackConfig,
        region: str,
        project_dir: Path,
        journal: Journal,
        provider: Provider,
        stream: events.Stream,
        process: PackProcess | None,
        pack_config: PackConfig,
        interrupted: Callable[[], bool],
        dry_run: bool,
    ) -> None:
        self._started = time.monotonic()
        self._config = config
        self._project_dir = project_dir
        self._stream = stream
        self._process = process
        self._pack_config = pack_config
        self._policies: Policies | None = None
        self._dry_run = dry_run
        self._steps = Steps(journal=journal, provider=provider, region=region, stream=stream, dry_run=dry_run)
        self._registrar = Registrar(
            config=config,
            journal=journal,
            provider=provider,
            region=region,
            steps=self._steps,
            policies=self._judges,
            interrupted=interrupted,
            dry_run=dry_run,
        )
        stream.emit(events.prelude(config.blinded()))
        for notice in (*config.notices, *journal.notices):
            stream.emit(events.diagnostic("warning", notice))

    def run(self, program: Callable[[], None] | None) -> Outcome:
        """Run the program, delete what it no longer asks for, and judge the stack."""
        log = LogEngine(self._stream)

        def work() -> None:
            self._refresh()
            run_program(
                project_dir=self._project_dir,
                config=self._config,
                monitor=Monitor(self._registrar, dry_run=self._dry_run),
                engine=log,
                dry_run=self._dry_run,
                program=program,
            )
            if log.errors:
                return
            self._registrar.delete_the_rest()
            if (policies := self._judges()) is not None:
                policies.analyze_stack(list(self._registrar.records.values()))
                policies.close()

        try:
            errors = self._attempt(work)
            return self._ended([*log.errors, *errors])
        finally:
            if self._policies is not None:
                self._policies.close()

    def destroy(self) -> Outcome:
        """Delete everything that is recorded, without the program."""

        def work() -> None:
            self._refresh()
            self._registrar.delete_the_rest(everything=True)

        return self._ended(self._attempt(work))

    def _refresh(self) -> None:
        if self._config.refresh:
            self._registrar.refresh()

    def _judges(self) -> Policies | None:
        """The pack, asked first when the first resource arrives: until then it had time to start."""
        if self._process is not None and self._policies is None:
            self._policies = Policies(
                self._process,
                config=self._config,
                pack_config=self._pack_config,
                stream=self._stream,
                dry_run=self._dry_run,
            )
        return self._policies

    def _attempt(self, work: Callable[[], None]) -> list[str]:
        """Do the work; its failures as sentences, each told once in a diagnostic. UsageError goes through: nothing was judged."""
        failures: list[EngineError | UsageError] = []
        try:
            work()
        except (EngineError, UsageError) as error:
            failures.append(error)
        # The first refusal inside the monitor is the cause; what the SDK raises afterwards follows from it.
        failures = self._registrar.errors[:1] or failures
        if failures and isinstance(failures[0], UsageError):
            raise failures[0]
        if self._policies is not None and self._dry_run and failures:
            failures += self._remaining_verdicts(self._policies)
        for failure in failures:
            urn = getattr(failure, "urn", "")
            self._stream.emit(events.diagnostic("error", str(failure), urn=urn))
        return [str(failure) for failure in failures]

    def _remaining_verdicts(self, policies: Policies) -> list[EngineError]:
        """Verdicts that came in too late to be told while the program ran: they may explain why it failed."""
        try:
            policies.drain(wait=True)
        except EngineError as error:
            return [error]
        return []

    def _ended(self, errors: list[str]) -> Outcome:
        policies = self._policies
        failed = bool(errors) or (policies is not None and policies.failed)
        if failed:
            self._stream.emit(events.diagnostic("error", "preview failed" if self._dry_run else "update failed"))
        self._stream.emit(
            events.summary(
                changes=self._steps.changes,
                packs=policies.name_in_summary(self._project_dir) if policies is not None else {},
                preview=self._dry_run,
                seconds=time.monotonic() - self._started,
                succeeded=not failed,
            )
        )
        records = self._registrar.records
        root = records.get(stack_urn(self._config.stage, self._config.project))
        return Outcome(
            result="failed" if failed else "succeeded",
            changes={op: self._steps.changes[op] for op in CHANGES},
            violations=tuple(policies.violations) if policies is not None else (),
            errors=tuple(errors),
            outputs=displayed(shown(root.outputs)) if root is not None else {},
            resources=tuple(records.values()),
        )
