"""Which settings lead to a violation: the lines that a person would change, the deciding one first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gate.document import Budget, DatabaseBudget, Place, Workload
from settings.merged import Settings
from settings.origins import Origin, where_to_change

_MOST = 4
_BUDGET = "connection-budget"
_FIELDS = (
    ("tasks", ("tasks.max", "tasks", "taskCount")),
    ("limit", ("environment.DB_CONN_LIMIT", "dbConnLimit")),
    ("processes", ("processes",)),
    ("pools", ("poolsPerProcess",)),
    ("outside_pool", ("connectionsOutsidePool",)),
)
"""Fields of a workload's budget, and the settings that each comes from."""
_OF_DATABASE = {"max_connections": "maxConnections", "instance_class": "instanceClass", "reserve": "reserve"}
_PROPERTIES = {
    "allocatedStorage": "storageGib", "backupRetentionPeriod": "backupRetentionDays", "desiredCount": "tasks",
    "engineVersion": "engineVersion", "maxCapacity": "tasks.max", "minCapacity": "tasks.min",
    "retentionInDays": "retentionDays", "skipFinalSnapshot": "finalSnapshot", "multiAz": "multiAz",
    "taskCount": "taskCount", "scheduleExpression": "schedule", "stopTimeout": "stopTimeoutSeconds",
}  # fmt: skip
"""Properties of AWS as messages name them, where the settings call them otherwise."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Finds the places of a stage's violations."""

    settings: Settings
    budgets: Sequence[DatabaseBudget] = ()

    def __call__(self, policy: str, urn: str, message: str) -> tuple[Place, ...]:
        """The places for one violation; none where no setting leads to it."""
        name = urn.rsplit("::", 1)[-1]
        budget = next((entry for entry in self.budgets if entry.urn == urn), None)
        if policy.startswith(_BUDGET) and budget is not None:
            paths = self._of_budget(budget)
        else:
            paths = self._named(self._head(urn, name, message), message)
        found = dict.fromkeys(place for origin in paths if (place := _place(origin)) is not None)
        return tuple(found)[:_MOST]

    def _head(self, urn: str, name: str, message: str) -> str:
        """The settings that the resource is made from, such as services.tracking-api."""
        kinds = (("services", self.settings.services), ("jobs", self.settings.jobs))
        heads = [
            (name, f"{kind}.{workload.name}")
            for kind, workloads in kinds
            for workload in workloads
            for name in dict.fromkeys((workload.name, workload.aws_name))
        ]
        ours = [(len(own), head) for own, head in heads if re.search(rf"(^|-){re.escape(own)}($|-)", name)]
        if not ours and "aws:rds/" in urn:
            return "database"
        if not ours:
            ours = [
                (len(own), head) for own, head in heads if re.search(rf"(?<![\w-]){re.escape(own)}(?![\w-])", message)
            ]
        return max(ours, default=(0, ""))[1]

    def _named(self, head: str, message: str) -> Iterator[Origin]:
        """What the message names: a variable, a setting, or a property of AWS that comes from one."""
        origins = self.settings.origins
        words = dict.fromkeys(_WORD.findall(message))
        if head:
            for word in words:
                for path in (f"{head}.environment.{word}", f"{head}.{_PROPERTIES.get(word, word)}"):
                    if path in origins:
                        yield origins[path]
            if head != "database":
                yield where_to_change(
                    self.settings, f"{head}.tasks" if head.startswith("services") else f"{head}.schedule"
                )
            return
        for path, origin in origins.items():
            last = path.rpartition(".")[2]
            if last in words and len(last) > 5 and not path.startswith(("services.", "jobs.")):
                yield origin

    def _of_budget(self, entry: DatabaseBudget) -> Iterator[Origin]:
        """What raised the demand or lowered the supply since before; without a before, what demands the most."""
        after = entry.rollout or entry.after
        if after is None:
            return
        before = {workload.name: workload for workload in entry.before.workloads} if entry.before else {}
        workloads = sorted(after.workloads, key=lambda item: -(item.demand - _demand(before.get(item.name))))
        for workload in workloads:
            # A variable that states a larger pool or more processes than the settings is named in the reason.
            yield from self._workload_all(
                workload.name, [f"environment.{word}" for word in _WORD.findall(workload.why)]
            )
            for path in _changed(before.get(workload.name), workload):
                yield from self._workload(workload.name, path)
        yield from self._supply(entry.before, entry.after)
        own = self.settings.origins
        largest = max(after.workloads, key=lambda item: item.demand, default=None)
        if largest is not None and not before:
            settings = [origin for _, paths in _FIELDS[:2] for origin in self._workload(largest.name, paths)]
            yield from sorted(settings, key=lambda origin: origin.shared)
        if "database.maxConnections" in own:
            yield own["database.maxConnections"]

    def _supply(self, before: Budget | None, after: Budget | None) -> Iterator[Origin]:
        for field, key in _OF_DATABASE.items() if before and after else ():
            origin = self.settings.origins.get(f"database.{key}")
            if getattr(before, field) != getattr(after, field) and origin is not None:
                yield origin

    def _workload_all(self, name: str, paths: Sequence[str]) -> Iterator[Origin]:
        for path in paths:
            yield from self._workload(name, (path,))

    def _workload(self, name: str, paths: Sequence[str]) -> Iterator[Origin]:
        short = self._settings_name(name.removeprefix(f"{self.settings.name}-"))
        for kind in ("services", "jobs"):
            for path in paths:
                origin = self.settings.origins.get(f"{kind}.{short}.{path}")
                if origin is not None:
                    yield origin
                    return

    def _settings_name(self, aws_name: str) -> str:
        workloads = (*self.settings.services, *self.settings.jobs)
        return next((workload.name for workload in workloads if workload.aws_name == aws_name), aws_name)


def _changed(before: Workload | None, after: Workload) -> Iterator[tuple[str, ...]]:
    if before is not None:
        yield from (paths for field, paths in _FIELDS if getattr(after, field) > getattr(before, field))


def _demand(workload: Workload | None) -> int:
    return 0 if workload is None else workload.demand


def _place(origin: Origin) -> Place | None:
    return None if origin.line is None else Place(file=origin.file, line=origin.line, key=origin.key)
