"""A stage's offline AWS outside of a run: looked at, or changed and recorded as a pipeline changes the real one."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final, Literal

from delivery.aws import RequestError
from offline.aws.handler import AwsError, RecordedOperation
from offline.aws.provider import AwsProvider
from offline.engine.errors import StateError
from offline.operation_log import OperationLog
from offline.records import EngineName, open_record, refuse_other_engine
from settings.files.stack_config import load

OFFLINE_VALUE: Final = "(offline: the value is not kept)"
"""What the offline AWS gets as a secret: its record is a plain file, and nothing reads the value there."""


class OfflineStage:
    """The recorded platform of a stage, as the delivery sees AWS (the protocol `delivery.aws.Aws`)."""

    def __init__(self, provider: AwsProvider, record: OperationLog) -> None:
        self.provider = provider
        self._record = record

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        """One request. One that changes AWS must be made inside `change`. Raises RequestError."""
        try:
            return self.provider.aws.call(service, operation, **params)
        except AwsError as error:
            raise RequestError(str(error), code=error.code) from error

    @contextlib.contextmanager
    def change(self, actor: str) -> Generator[None]:
        """Requests that change AWS without the program, by `actor` ("pipeline dev-datalab-api").

        Recorded together at the end, also those that were answered before a failure: they took effect.
        """
        seed = self._record.next_seed(actor)
        try:
            with self.provider.aws.operation(seed, doing=actor):
                yield
        finally:
            if calls := self.provider.calls_of_last_operation():
                self._record.note(RecordedOperation(seed=seed, calls=calls))

    @contextlib.contextmanager
    def supposed(self, what: str) -> Generator[None]:
        """Requests that hold as long as this process: nothing of them is recorded."""
        with self.provider.aws.operation(f"{what}#0", doing=what):
            yield


@contextlib.contextmanager
def offline_stage(
    *,
    project_dir: Path,
    state_dir: Path,
    stage: str,
    mode: Literal["read", "write"] = "read",
    engine: EngineName | None = None,
) -> Generator[OfflineStage]:
    """The stage that `up` recorded, by either engine or by the one named. "write" keeps every other run of the stage out.

    Raises UsageError for an unknown stage and StateError for one that is not up, in use or unreadable.
    """
    region = load(project_dir, stage).values["aws:region"]
    if engine is not None:
        refuse_other_engine(state_dir, stage, engine)
    with open_record(state_dir, stage, mode=mode) as record:
        if not record.is_up():
            raise StateError(f"Stage {stage} is not up: run ./run up -s {stage} first.")
        provider = AwsProvider(region=region)
        provider.replay(record.operations())
        yield OfflineStage(provider, record)
