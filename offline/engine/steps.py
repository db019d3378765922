"""Applies one step to one resource (planned at a preview, carried out at an update), records it and reports it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from offline.aws.diff import Diff
from offline.aws.handler import Applied, RecordedOperation
from offline.engine import events
from offline.engine.context import Context
from offline.engine.errors import ResourceError
from offline.engine.record import ResourceRecord
from offline.engine.urn import PROVIDER_PREFIX, name_of
from offline.properties import UNKNOWN, Properties, keep_secrets, plain, secret, unknown_paths

NO_DIFF = Diff()


class Steps:
    """The steps of one run. Nothing is created or changed in a dry run, and its journal records nothing."""

    def __init__(self, context: Context) -> None:
        self.changes: Counter[str] = Counter()
        self._journal = context.journal
        self._provider = context.provider
        self._stream = context.stream
        self._dry_run = context.dry_run

    def same(self, goal: ResourceRecord, old: ResourceRecord) -> ResourceRecord:
        """Nothing changed; options and dependencies may have."""
        self._before("same", old, goal)
        record = replace(goal, serial=old.serial, id=old.id, outputs=_marked(goal, old.outputs))
        if record != old:
            self._journal.put(record)
        self._after("same", old, record)
        return record

    def create(self, goal: ResourceRecord) -> ResourceRecord:
        """A resource that does not exist yet."""
        self._before("create", None, goal)
        record, operation = self._created(goal, "create", None, NO_DIFF)
        self._journal.put(record, operation=operation)
        self._after("create", None, record)
        return record

    def update(self, goal: ResourceRecord, old: ResourceRecord, diff: Diff) -> ResourceRecord:
        """A change in place."""
        self._before("update", old, goal, diff)
        operation: RecordedOperation | None = None
        record = replace(goal, serial=old.serial, id=old.id)
        if _is_cloud_resource(goal):
            if self._dry_run:
                outputs = self._provider.plan_update(goal.type, plain(old.inputs), plain(old.outputs), goal.inputs)
            else:
                applied, operation = self._operate(
                    "update", goal, old, diff,
                    lambda seed: self._provider.update(
                        goal.type, goal.urn, old.id, plain(old.inputs), plain(old.outputs), plain(goal.inputs), seed=seed
                    ),
                )  # fmt: skip
                record = replace(record, id=applied.id)
                outputs = applied.outputs
            record = replace(record, outputs=_marked(goal, outputs))
        else:
            record = replace(record, outputs=goal.inputs if goal.custom else old.outputs)
        self._journal.put(record, operation=operation)
        self._after("update", old, record, diff)
        return record

    def replace(self, goal: ResourceRecord, old: ResourceRecord, diff: Diff, *, old_is_gone: bool) -> ResourceRecord:
        """A new resource in the place of an old one, which is gone already or is deleted at the end of the run."""
        if old_is_gone:
            self._both("replace", old, replace(goal, id=""), diff)
        self._before("create-replacement", old, goal, diff)
        record, operation = self._created(goal, "create-replacement", old, diff)
        self._journal.put(record, operation=operation, supersedes=None if old_is_gone else old.serial)
        self._after("create-replacement", old, record, diff)
        if not old_is_gone:
            self._both("replace", old, record, diff)
        return record

    def delete(self, old: ResourceRecord, *, replacing: bool = False) -> None:
        """A resource that nobody wants any more, or the old one of a replacement."""
        op = "delete-replaced" if replacing else "delete"
        self._before(op, old, None)
        operation: RecordedOperation | None = None
        if _is_cloud_resource(old) and not self._dry_run:
            _, operation = self._operate(
                op, None, old, NO_DIFF,
                lambda seed: self._provider.delete(
                    old.type, old.urn, old.id, plain(old.inputs), plain(old.outputs), seed=seed
                ),
            )  # fmt: skip
        self._journal.drop(old.serial, operation=operation)
        self._after(op, old, None)

    def outputs_registered(self, op: str, old: ResourceRecord | None, record: ResourceRecord) -> None:
        """A component, or the stack, has said what its outputs are."""
        self._emit("resOutputsEvent", op, old, record, NO_DIFF)

    def _created(
        self, goal: ResourceRecord, op: str, old: ResourceRecord | None, diff: Diff
    ) -> tuple[ResourceRecord, RecordedOperation | None]:
        record = goal if self._dry_run else replace(goal, serial=self._journal.next_serial())
        if goal.type.startswith(PROVIDER_PREFIX):
            provider_id = UNKNOWN if self._dry_run else str(uuid.uuid5(uuid.NAMESPACE_URL, goal.urn))
            return replace(record, id=provider_id, outputs=goal.inputs), None
        if not goal.custom:
            return record, None
        if self._dry_run:
            planned = self._provider.plan_create(goal.type, goal.inputs)
            return replace(record, outputs=_marked(goal, planned)), None
        applied, operation = self._operate(
            op, goal, old, diff,
            lambda seed: self._provider.create(goal.type, goal.urn, plain(goal.inputs), seed=seed),
        )  # fmt: skip
        return replace(record, id=applied.id, outputs=_marked(goal, applied.outputs)), operation

    def _operate(
        self,
        op: str,
        goal: ResourceRecord | None,
        old: ResourceRecord | None,
        diff: Diff,
        action: Callable[[str], Any],
    ) -> tuple[Applied, RecordedOperation]:
        """Carry out one provider operation and collect its AWS calls."""
        record = goal or old
        assert record is not None
        if goal and (paths := unknown_paths(plain(goal.inputs))):
            raise ResourceError(
                goal.urn,
                f"{goal.type} {goal.name!r}: {', '.join(paths)} got a value that the offline AWS does not supply"
                f"{_sources(goal, paths)}. Use another output, or teach its handler to supply this one.",
            )
        seed = self._journal.next_seed(record.urn)
        try:
            applied = action(seed)
        except Exception as error:  # whatever a handler raises, it is this resource's failure
            self._emit("resOpFailedEvent", op, old, goal, diff)
            known = type(error).__module__.startswith("offline.aws")
            reason = str(error) if known else f"{type(error).__name__}: {error}"
            raise ResourceError(record.urn, reason) from error
        return applied, RecordedOperation(seed=seed, calls=self._provider.calls_of_last_operation())

    def _both(self, op: str, old: ResourceRecord, new: ResourceRecord, diff: Diff) -> None:
        self._before(op, old, new, diff)
        self._after(op, old, new, diff)

    def _before(self, op: str, old: ResourceRecord | None, new: ResourceRecord | None, diff: Diff = NO_DIFF) -> None:
        self._emit("resourcePreEvent", op, old, new, diff)

    def _after(self, op: str, old: ResourceRecord | None, new: ResourceRecord | None, diff: Diff = NO_DIFF) -> None:
        record = new or old
        assert record is not None
        if is_default_provider(record):
            return
        if _is_logical(op):
            self.changes[op] += 1
        # Components report their outputs when they register them; deletions always end with an event.
        if self._dry_run or record.custom or op == "delete":
            self._emit("resOutputsEvent", op, old, new, diff)

    def _emit(
        self,
        kind: Literal["resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"],
        op: str,
        old: ResourceRecord | None,
        new: ResourceRecord | None,
        diff: Diff,
    ) -> None:
        record = new or old
        assert record is not None
        if is_default_provider(record):
            return
        step = events.step(
            op,
            old,
            new,
            logical=_is_logical(op),
            keys=diff.replacing if op in ("replace", "create-replacement") else (),
            diffs=diff.changed,
            detailed_diff=diff.detailed,
        )
        if kind == "resOpFailedEvent":
            self._stream.emit(events.res_op_failed(step, steps=sum(self.changes.values())))
        else:
            self._stream.emit(events.step_event(kind, step, planning=self._dry_run))


def is_default_provider(record: ResourceRecord) -> bool:
    """Whether the engine made this provider itself; such steps are nobody's business but the policies'."""
    return record.type.startswith(PROVIDER_PREFIX) and name_of(record.urn).startswith("default")


def _is_logical(op: str) -> bool:
    return op not in ("create-replacement", "delete-replaced")


def _is_cloud_resource(record: ResourceRecord) -> bool:
    return record.custom and not record.type.startswith(PROVIDER_PREFIX)


def _marked(goal: ResourceRecord, outputs: Properties) -> Properties:
    """Outputs with the secrets of the inputs, and those the program asks for, marked."""
    marked: Properties = keep_secrets(outputs, goal.inputs)
    wanted = marked.keys() & set(goal.additional_secret_outputs)
    return {key: secret(value) if key in wanted else value for key, value in marked.items()} if wanted else marked


def _sources(goal: ResourceRecord, paths: list[str]) -> str:
    """Which resources the unknown values at these paths come from."""
    keys = {path.split(".")[0].split("[")[0] for path in paths}
    urns = sorted({urn for key in keys for urn in goal.property_dependencies.get(key, ())})
    return f" (from {', '.join(name_of(urn) for urn in urns)})" if urns else ""
