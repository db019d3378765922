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
from typing import TYPE_CHECKING, Any, Literal

from offline.engine import events
from offline.engine.context import Context
from offline.engine.errors import UsageError
from offline.engine.interpreter import tuned
from offline.engine.judging.export import exported
from offline.engine.judging.pack_config import PackConfig, load_pack_config
from offline.engine.judging.pack_process import PackProcess
from offline.engine.outcome import Outcome
from offline.engine.program.process import Program, ProgramProcess
from offline.engine.state import Journal, Plan
from offline.records import refuse_other_engine
from settings.files.stack_config import StackConfig, load

if TYPE_CHECKING:
    from offline.aws.provider import AwsProvider


def run(
    *,
    kind: Literal["preview", "up", "destroy"],
    stage: str,
    project_dir: Path,
    state_dir: Path,
    pack_dir: Path | None,
    on_event: events.OnEvent,
    provider: AwsProvider | None = None,
    program: Program | None = None,
    config_overrides: Mapping[str, Any] | None = None,
    pack_config: Path | None = None,
    skip_preview: bool = False,
    confined: bool = False,
    python: Path = Path(sys.executable),
    started: ProgramProcess | None = None,
) -> Outcome:
    """Run one operation. Failures end in the outcome and in events, except for those before anything has started.

    Raised are UsageError (files, names), StateError (a state in use or unreadable) and the settings' own error.
    `up` previews first, with the pack, and changes nothing if that fails; of a failed preview its own events are seen,
    otherwise only the update's. A preview that found nothing to do is the update. `skip_preview` leaves the preview out, as
    `pulumi up --yes --skip-preview` does; no command offers it.
    `program` stands in for the process of `__main__.py`; overrides are full keys with plain values. pack_config: levels and settings
    for the pack, the file of `--policy-pack-config`. confined: the program may not touch who judges it, and runs in the
    interpreter `python`. started: the process of the program where the caller has started and closes it: the first pass takes it.
    """
    config = _overridden(load(project_dir, stage), config_overrides or {})
    region = config.values.get("aws:region")
    if not region:
        raise UsageError("aws:region is not set: add `aws:region: ap-northeast-2` under config in Pulumi.yaml.")
    refuse_other_engine(state_dir, stage, "embedded")
    levels = load_pack_config(pack_config) if pack_config is not None else PackConfig()
    stream, stopped = events.Stream(on_event), threading.Event()
    mode = "read" if kind == "preview" else "write"
    with tuned(), contextlib.closing(Journal(state_dir, stage, mode=mode)) as journal:
        if provider is None:
            from offline.aws.provider import AwsProvider

            provider = AwsProvider(region=region)
        provider.replay(journal.operations())

        def taken() -> ProgramProcess | None:
            nonlocal started
            process, started = started, None
            return process

        def work(*, dry_run: bool) -> Outcome:
            context = Context(
                config=config,
                project_dir=project_dir.resolve(),
                journal=Plan(journal) if dry_run else journal,
                provider=provider,
                stream=stream,
                interrupted=stopped.is_set,
                dry_run=dry_run,
            )
            with contextlib.ExitStack() as stack:
                process: PackProcess | None = None
                if pack_dir is not None and kind != "destroy":
                    stream.emit(events.policy_load())
                    baseline = stack.enter_context(exported(journal.live()))
                    process = PackProcess(pack_dir, config=config, dry_run=dry_run, baseline=baseline)
                    stack.callback(process.close)
                asked = program
                if asked is None and kind != "destroy":
                    asked = own = taken() or ProgramProcess(context.project_dir, python=python, confined=confined)
                    stack.callback(own.close)
                    own.begin(context.order)
                # Imported late: pack and program start on the other core while this process loads the SDK.
                from offline.engine.phase import Phase

                phase = Phase(context, process, levels)
                return phase.destroy() if kind == "destroy" or asked is None else phase.run(asked)

        with _stop_signals(stopped.set):
            try:
                if kind == "up" and not skip_preview:
                    stream.hold()
                    preview = work(dry_run=True)
                    if preview.result == "failed":
                        stream.release()
                        return preview
                    if preview.nothing_to_do:
                        stream.release(events.of_update)
                        return preview
                    stream.drop()
                return work(dry_run=kind == "preview")
            finally:
                stream.drop()
                stream.emit(events.cancel())


def _overridden(config: StackConfig, overrides: Mapping[str, Any]) -> StackConfig:
    values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in overrides.items()}
    return dataclasses.replace(config, values={**config.values, **values})


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
