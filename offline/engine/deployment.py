"""One operation on one stage: preview, up or destroy, from configuration to the last event."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from gate.events import Event
from offline.engine import events
from offline.engine.errors import UsageError
from offline.engine.export import exported
from offline.engine.interpreter import tuned
from offline.engine.outcome import Outcome
from offline.engine.pack_config import PackConfig, load_pack_config
from offline.engine.pack_process import PackProcess
from offline.engine.provider import Provider
from offline.engine.state import Journal
from offline.records import refuse_other_engine
from settings.files.stack_config import StackConfig, load


def run(
    *,
    kind: Literal["preview", "up", "destroy"],
    stage: str,
    project_dir: Path,
    state_dir: Path,
    pack_dir: Path | None,
    on_event: events.OnEvent,
    provider: Provider | None = None,
    program: Callable[[], None] | None = None,
    config_overrides: Mapping[str, Any] | None = None,
    pack_config: Path | None = None,
    skip_preview: bool = False,
) -> Outcome:
    """Run one operation. Failures end in the outcome and in events, except for those before anything has started.

    Raised are UsageError (files, names), StateError (a state in use or unreadable) and the settings' own error.
    `up` previews first, with the pack, and changes nothing if that fails; of a failed preview its own events are seen,
    otherwise only the update's. `skip_preview` leaves that out, as `pulumi up --yes --skip-preview` does; no command offers it.
    `program` stands in for `__main__.py`; overrides are full keys with plain values. pack_config: levels and settings
    for the pack, the file of `--policy-pack-config`.
    """
    config = _overridden(load(project_dir, stage), config_overrides or {})
    region = config.values.get("aws:region")
    if not region:
        raise UsageError("aws:region is not set: add `aws:region: ap-northeast-2` under config in Pulumi.yaml.")
    mode: Literal["read", "write"] = "read" if kind == "preview" else "write"
    refuse_other_engine(state_dir, stage, "embedded")
    with tuned(), contextlib.closing(Journal(state_dir, stage, mode=mode)) as journal:
        deployment = Deployment(
            config=config,
            region=region,
            project_dir=project_dir.resolve(),
            pack_dir=pack_dir,
            pack_config=load_pack_config(pack_config) if pack_config is not None else PackConfig(),
            journal=journal,
            provider=provider or _offline_aws(region),
            stream=events.Stream(_on_own_stdout(on_event)),
            program=program,
        )
        with _stop_signals(deployment.interrupt):
            return deployment.run(kind, skip_preview=skip_preview)


class Deployment:
    """One operation and its phases."""

    def __init__(
        self,
        *,
        config: StackConfig,
        region: str,
        project_dir: Path,
        pack_dir: Path | None,
        pack_config: PackConfig,
        journal: Journal,
        provider: Provider,
        stream: events.Stream,
        program: Callable[[], None] | None,
    ) -> None:
        self._config = config
        self._region = region
        self._project_dir = project_dir
        self._pack_dir = pack_dir
        self._pack_config = pack_config
        self._journal = journal
        self._provider = provider
        self._stream = stream
        self._program = program
        self._interrupted = False
        provider.replay(journal.operations())

    def interrupt(self) -> None:
        """Stop before the next operation on a resource."""
        self._interrupted = True

    def run(self, kind: Literal["preview", "up", "destroy"], *, skip_preview: bool = False) -> Outcome:
        """All phases of the operation."""
        try:
            if kind == "destroy":
                return self._phase(dry_run=False, destroy=True)
            if kind == "preview":
                return self._phase(dry_run=True)
            if skip_preview:
                return self._phase(dry_run=False)
            self._stream.hold()
            preview = self._phase(dry_run=True)
            if preview.result == "failed":
                self._stream.release()
                return preview
            self._stream.drop()
            return self._phase(dry_run=False)
        finally:
            self._stream.drop()
            self._stream.emit(events.cancel())

    def _phase(self, *, dry_run: bool, destroy: bool = False) -> Outcome:
        with contextlib.ExitStack() as stack:
            process: PackProcess | None = None
            if self._pack_dir is not None and not destroy:
                self._stream.emit(events.policy_load())
                baseline = stack.enter_context(exported(self._journal.live()))
                process = PackProcess(self._pack_dir, config=self._config, dry_run=dry_run, baseline=baseline)
                stack.callback(process.close)
            # Imported late: the pack starts on the other core while this process loads the SDK.
            from offline.engine.phase import Phase

            phase = Phase(
                config=self._config,
                region=self._region,
                project_dir=self._project_dir,
                journal=self._journal,
                provider=self._provider,
                stream=self._stream,
                process=process,
                pack_config=self._pack_config,
                interrupted=lambda: self._interrupted,
                dry_run=dry_run,
            )
            return phase.destroy() if destroy else phase.run(self._program)


def _overridden(config: StackConfig, overrides: Mapping[str, Any]) -> StackConfig:
    values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in overrides.items()}
    sources = {**config.sources, **dict.fromkeys(values, "the command line")}
    return dataclasses.replace(config, values={**config.values, **values}, sources=sources)


def _on_own_stdout(listener: events.OnEvent) -> events.OnEvent:
    """The listener with the standard output it has now, also while that of the program is captured."""
    stdout = sys.stdout

    def listen(event: Event) -> None:
        with contextlib.redirect_stdout(stdout):
            listener(event)

    return listen


def _offline_aws(region: str) -> Provider:
    from offline.aws.provider import AwsProvider

    return AwsProvider(region=region)


@contextlib.contextmanager
def _stop_signals(interrupt: Callable[[], None]) -> Generator[None]:
    """Turn the first SIGINT or SIGTERM into a stop after the current operation; a second one ends the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, before[number])
        interrupt()

    before = {int(number): signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
