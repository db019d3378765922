"""One pass of a deployment: the program against the monitor (a preview or an update), or the deletion of everything."""

from __future__ import annotations

import time
from collections.abc import Callable

from gate.events import displayed
from offline.engine import events
from offline.engine.context import Context
from offline.engine.errors import EngineError, UsageError
from offline.engine.judging.pack_config import PackConfig
from offline.engine.judging.pack_process import PackProcess
from offline.engine.judging.policies import Policies
from offline.engine.monitor import LogEngine, Monitor
from offline.engine.outcome import CHANGES, Outcome
from offline.engine.program.process import Program
from offline.engine.registrar import Registrar
from offline.engine.state import Plan
from offline.engine.steps import Steps
from offline.engine.urn import stack_urn
from offline.properties import shown


class Phase:
    """A pass that reports on itself from the prelude to the summary."""

    def __init__(self, context: Context, process: PackProcess | None, pack_config: PackConfig) -> None:
        self._started = time.monotonic()
        self._context = context
        self._stream = context.stream
        self._process = process
        self._pack_config = pack_config
        self._policies: Policies | None = None
        self._asked = True
        self._steps = Steps(context)
        self._registrar = Registrar(context, self._steps, policies=self._judges)
        self._stream.emit(events.prelude(context.config.blinded()))
        for notice in (*context.config.notices, *context.journal.notices):
            self._stream.emit(events.diagnostic("warning", notice))

    def run(self, program: Program) -> Outcome:
        """Run the program, delete what it no longer asks for, and judge the stack."""
        log = LogEngine(self._stream)

        def work() -> None:
            self._registrar.refresh()
            self._asked = self._run(program, log)
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
            self._registrar.refresh()
            self._registrar.delete_the_rest(everything=True)

        return self._ended(self._attempt(work))

    def _run(self, program: Program, log: LogEngine) -> bool:
        context, monitor = self._context, Monitor(self._registrar, dry_run=self._context.dry_run)
        with self._stream.gathering() as report:
            return program.run(
                context.order,
                answers=lambda method: getattr(monitor, method, None) or getattr(log, method, None),
                idle=report,
                written=log.written,
                interrupted=context.interrupted,
            )

    def _judges(self) -> Policies | None:
        """The pack, asked first when the first resource arrives: until then it had time to start."""
        if self._process is not None and self._policies is None:
            self._policies = Policies(self._context, self._process, self._pack_config)
        return self._policies

    def _attempt(self, work: Callable[[], None]) -> list[str]:
        """Do the work; its failures as sentences, each reported once in a diagnostic. UsageError goes through: nothing was judged."""
        failures: list[EngineError | UsageError] = []
        try:
            work()
        except (EngineError, UsageError) as error:
            failures.append(error)
        # The first refusal inside the monitor is the cause; what the SDK raises afterwards follows from it.
        failures = self._registrar.errors[:1] or failures
        if failures and isinstance(failures[0], UsageError):
            raise failures[0]
        if self._policies is not None and self._context.dry_run and failures:
            try:
                self._policies.drain(wait=True)  # what was not reported while the program ran may explain why it failed
            except EngineError as error:
                failures.append(error)
        for failure in failures:
            urn = getattr(failure, "urn", "")
            self._stream.emit(events.diagnostic("error", str(failure), urn=urn))
        return [str(failure) for failure in failures]

    def _ended(self, errors: list[str]) -> Outcome:
        policies = self._policies
        failed = bool(errors) or (policies is not None and policies.failed)
        if failed:
            self._stream.emit(
                events.diagnostic("error", "preview failed" if self._context.dry_run else "update failed")
            )
        self._stream.emit(
            events.summary(
                changes=self._steps.changes,
                packs=policies.name_in_summary() if policies is not None else {},
                preview=self._context.dry_run,
                seconds=time.monotonic() - self._started,
                succeeded=not failed,
            )
        )
        records, journal = self._registrar.records, self._context.journal
        root = records.get(stack_urn(self._context.config.stage, self._context.config.project))
        return Outcome(
            result="failed" if failed else "succeeded",
            changes={op: self._steps.changes[op] for op in CHANGES},
            violations=tuple(policies.violations) if policies is not None else (),
            errors=tuple(errors),
            outputs=displayed(shown(root.outputs)) if root is not None else {},
            resources=tuple(records.values()),
            nothing_to_do=not failed and not self._asked and isinstance(journal, Plan) and journal.empty,
        )
