"""Decides what each registered resource needs (nothing, create, update, replace) and ends a run with the deletions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from dataclasses import replace

from pulumi.runtime.proto import resource_pb2

from offline.aws.diff import Diff, diff
from offline.engine.context import Context
from offline.engine.deletions import deletion_order, refuse_protected, replaced_along
from offline.engine.errors import EngineError, InterruptedRunError, NotInOfflineAwsError, ResourceError, UsageError
from offline.engine.judging.policies import Policies
from offline.engine.paths import ignore
from offline.engine.record import ResourceRecord
from offline.engine.recorded import Recorded
from offline.engine.registration import alias_urns, goal_record, refuse_unsupported
from offline.engine.steps import Steps
from offline.engine.urn import PROVIDER_PREFIX, STACK_TYPE, make_urn, provider_urn
from offline.properties import UNKNOWN, Properties, keep_secrets, plain, unknown_paths


class Registrar:
    """The resources of one run of the program. All calls come from one thread, one after the other."""

    def __init__(self, context: Context, steps: Steps, *, policies: Callable[[], Policies | None]) -> None:
        self.records: dict[str, ResourceRecord] = {}
        self.errors: list[EngineError | UsageError] = []
        self._config = context.config
        self._journal = context.journal
        self._provider = context.provider
        self._interrupted = context.interrupted
        self._dry_run = context.dry_run
        self._steps = steps
        self._policies = policies
        self._recorded = Recorded(self._journal.live())
        self._deleted_early: set[int] = set()
        self._completed: set[str] = set()
        self._ops: dict[str, tuple[str, ResourceRecord | None]] = {}
        self._unrecorded: ResourceRecord | None = None
        """The stack with its outputs: a run that fails keeps the old ones."""

    def refresh(self) -> None:
        """Compare with what AWS has now instead of what was recorded, where the project asks for it."""
        for old, found in self._recorded.refresh(self._provider) if self._config.refresh else ():
            if found is None:
                self._journal.drop(old.serial)
            else:
                self._journal.put(found)

    def register(self, request: resource_pb2.RegisterResourceRequest) -> ResourceRecord:
        """Bring one resource to what the program asks for; EngineError ends the program."""
        with self._running():
            return self._register(request)

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Keep what a component, or the stack, says its outputs are."""
        with self._running():
            record = self.records[urn]
            if urn in self._completed:
                raise ResourceError(urn, f"{record.name}: register_outputs is called twice; once is allowed.")
            self._completed.add(urn)
            if not self._dry_run and (paths := unknown_paths(plain(outputs))):
                raise ResourceError(
                    urn,
                    f"The output {paths[0]} of {record.name!r} is a value that the offline AWS does not supply. "
                    "Use another output, or teach the handler of the resource it comes from to supply it.",
                )
            before, record = record, replace(record, outputs=outputs)
            self.records[urn] = record
            if record != before:
                if record.type == STACK_TYPE:
                    self._unrecorded = record
                else:
                    self._journal.put(record)
            self._steps.outputs_registered(*self._ops[urn], record)

    def invoke(self, token: str, args: Properties, version: str) -> Properties:
        """Answer a data source; nothing is known of one that is asked with unknown arguments."""
        with self._running():
            if token.split(":", 1)[0] != "aws":
                raise NotInOfflineAwsError(f"The function {token}")
            self._default_provider(version)
            if unknown_paths(args):
                return {}
            try:
                return self._provider.invoke(token, plain(args))
            except Exception as error:
                raise EngineError(f"{token}: {error}") from error

    def delete_the_rest(self, *, everything: bool = False) -> None:
        """Delete what is recorded and no longer registered, and what was replaced; with `everything` all of it."""
        claimed = set() if everything else {record.serial for record in self.records.values()}
        condemned = [
            record
            for record in self._journal.live()
            if (record.pending_delete or record.serial not in claimed) and record.serial not in self._deleted_early
        ]
        replaced = {record.serial for record in condemned if record.pending_delete} | self._replaced_in_preview(
            condemned
        )
        # What was replaced was judged when its replacement was asked for: the program had taken `protect` off.
        refuse_protected((record for record in condemned if record.serial not in replaced), doing="This run")
        for record in deletion_order(condemned):
            if self._interrupted():
                raise InterruptedRunError
            self._steps.delete(record, replacing=record.serial in replaced)
        if self._unrecorded is not None:
            self._journal.put(self._unrecorded)

    @contextlib.contextmanager
    def _running(self) -> Generator[None]:
        """Nothing is done any more after an interruption or a refusal; the first refusal is the cause of all that follows."""
        if self._interrupted():
            raise InterruptedRunError
        if self.errors:
            raise self.errors[0]
        try:
            yield
        except (EngineError, UsageError) as error:
            self.errors.append(error)
            raise

    def _replaced_in_preview(self, condemned: list[ResourceRecord]) -> set[int]:
        """At a preview nothing is marked as replaced: those are the records whose URN a replacement has taken."""
        return {
            record.serial
            for record in condemned
            if self._dry_run and (taken := self._recorded.taken_by(record.urn)) and self._ops[taken][0] == "replace"
        }

    def _register(self, request: resource_pb2.RegisterResourceRequest) -> ResourceRecord:
        refuse_unsupported(request)
        config = self._config
        urn = make_urn(config.stage, config.project, request.parent, request.type, request.name)
        if urn in self.records:
            raise ResourceError(
                urn,
                f"Duplicate resource URN '{urn}'; try giving it a unique name: {request.name!r} is registered twice.",
            )
        managed = request.custom and not request.type.startswith(PROVIDER_PREFIX)
        provider = request.provider or (self._default_provider(request.version) if managed else "")
        goal = goal_record(request, urn, provider=provider)
        goal = replace(goal, aliases=alias_urns(request, urn, parent_before=self._recorded.name_before(request.parent)))
        old = self._recorded.claim(goal)
        goal = replace(goal, aliases=self._recorded.alias_taken(urn))
        if old is not None and goal.ignore_changes:
            try:
                goal = replace(goal, inputs=ignore(old.inputs, goal.inputs, goal.ignore_changes))
            except ValueError as error:
                raise ResourceError(urn, f"{goal.name}: ignore_changes: {error}") from error
        goal = self._checked(goal, old)
        self._judged(goal)
        self.records[urn] = self._step(goal, old)
        return self.records[urn]

    def _checked(self, goal: ResourceRecord, old: ResourceRecord | None) -> ResourceRecord:
        where = f"resource {goal.name!r}, type {goal.type}"
        if not goal.custom:
            return goal
        if goal.type.startswith(PROVIDER_PREFIX):
            self._refuse_settings(plain(goal.inputs), where=where)
            return goal
        if not self._provider.supports(goal.type):
            raise NotInOfflineAwsError(f"The resource type {goal.type}", where=where)
        try:
            checked = self._provider.check(goal.type, goal.urn, plain(goal.inputs), old and plain(old.inputs))
        except Exception as error:
            raise ResourceError(goal.urn, str(error)) from error
        return replace(goal, inputs=keep_secrets(checked, goal.inputs))

    def _refuse_settings(self, settings: Properties, *, where: str) -> None:
        if problems := self._provider.check_config(settings):
            raise NotInOfflineAwsError(problems[0], where=where)

    def _judged(self, goal: ResourceRecord) -> None:
        if (policies := self._policies()) is not None:
            policies.analyze(goal, self.records.get(provider_urn(goal.provider)))

    def _step(self, goal: ResourceRecord, old: ResourceRecord | None) -> ResourceRecord:
        if old is None:
            self._ops[goal.urn] = ("create", None)
            return self._steps.create(goal)
        managed = goal.custom and not goal.type.startswith(PROVIDER_PREFIX)
        inputs = plain(old.inputs), plain(goal.inputs)
        difference = self._provider.diff(goal.type, *inputs) if managed else diff(*inputs)
        if old.serial in self._deleted_early:
            return self._replaced(goal, old, difference, old_is_gone=True)
        if managed and (difference.replacing or old.type != goal.type):
            if goal.protect and old.protect:
                refuse_protected([old], doing=f"Replacing {goal.name} ({', '.join(difference.replacing)} changed)")
            first = goal.delete_before_replace
            if first is None:
                first = difference.delete_before_replace
            if first:
                self._delete_first(old)
            return self._replaced(goal, old, difference, old_is_gone=first)
        if difference.changed:
            self._ops[goal.urn] = ("update", old)
            return self._steps.update(goal, old, difference)
        self._ops[goal.urn] = ("same", old)
        return self._steps.same(goal, old)

    def _replaced(
        self, goal: ResourceRecord, old: ResourceRecord, difference: Diff, *, old_is_gone: bool
    ) -> ResourceRecord:
        self._ops[goal.urn] = ("replace", old)
        return self._steps.replace(goal, old, difference, old_is_gone=old_is_gone)

    def _delete_first(self, old: ResourceRecord) -> None:
        """Delete a resource before its replacement exists, and before it those that are replaced along with it."""
        along = replaced_along(old, self._recorded.unclaimed(), self._provider)
        along = [record for record in along if record.serial not in self._deleted_early]
        refuse_protected(along, doing=f"Replacing {old.name}")
        for record in (*along, old):
            self._steps.delete(record, replacing=True)
            self._deleted_early.add(record.serial)

    def _default_provider(self, version: str) -> str:
        """The reference of the provider that resources without one share; registered when the first arrives."""
        name = f"default_{version.replace('.', '_')}" if version else "default"
        type_token = f"{PROVIDER_PREFIX}aws"
        urn = make_urn(self._config.stage, self._config.project, "", type_token, name)
        record = self.records.get(urn)
        if record is None:
            settings = {key[4:]: value for key, value in self._config.values.items() if key.startswith("aws:")}
            inputs: Properties = {**settings, **({"version": version} if version else {})}
            self._refuse_settings(inputs, where="configuration aws:…")
            old = self._recorded.get(urn)
            if old is not None and old.inputs.get("region") != inputs.get("region"):
                raise EngineError(
                    f"The stage is recorded in region {old.inputs.get('region')}, aws:region now is "
                    f"{inputs.get('region')}: nothing can move. Destroy the stage first, or set the region back."
                )
            goal = ResourceRecord(serial=0, urn=urn, type=type_token, custom=True, inputs=inputs)
            self._judged(goal)
            self._recorded.claim(goal)
            record = self._steps.same(goal, old) if old is not None else self._steps.create(goal)
            self.records[urn] = record
        return f"{urn}::{record.id or UNKNOWN}"
