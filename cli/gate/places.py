"""Which settings lead to a violation: the lines that a person would change, the deciding one first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from cli.gate.edited_lines import EditedLines
from gate.document import DatabaseBudget, Place, Workload
from gate.run_model import STACK_TYPE
from gate.violation_text import read_violation
from settings.merged import Settings
from settings.origins import Origin

_MOST, _MOST_EDITED = 4, 8
_LISTS = ("secrets", "requires", "command")
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
    "readonlyRootFilesystem": "readOnlyRoot",
    "taskCount": "taskCount", "scheduleExpression": "schedule", "stopTimeout": "stopTimeoutSeconds",
}  # fmt: skip
"""Properties of AWS as messages name them, where the settings call them otherwise."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Finds the places of a stage's violations."""

    settings: Settings
    edited: EditedLines
    budgets: Sequence[DatabaseBudget] = ()

    def __call__(self, policy: str, urn: str, message: str) -> tuple[Place, ...]:
        """The places for one violation, those that the change itself has written first; none where no setting leads to it."""
        budget = next((entry for entry in self.budgets if entry.urn == urn), None)
        if policy.startswith(_BUDGET) and budget is not None:
            paths = self._of_budget(budget)
        else:
            paths = chain.from_iterable(self._named(head, said) for head, said in self._heads(urn, message))
        found = dict.fromkeys(place for origin in paths if (place := _place(origin)) is not None)
        edited = [place for place in found if place in self.edited][:_MOST_EDITED]
        others = [place for place in found if place not in edited]
        return (*edited, *others[: max(0, _MOST - len(edited))])

    def _heads(self, urn: str, message: str) -> Iterator[tuple[str, str]]:
        """The settings that resources are made from, such as services.tracking-api, and what is said of them.

        What is said is a cause's own words: the names of its resources hold words that may be settings, too. "" where no
        resource leads to settings.
        """
        parts, own = read_violation(message), urn if urn and f"::{STACK_TYPE}::" not in urn else ""
        found = False
        for cause in parts.causes if parts is not None else ():
            about = [(own, own.rsplit("::", 1)[-1])] if own else [(named.type, named.name) for named in cause.resources]
            for head in dict.fromkeys(head for type_, name in about if (head := self._head(type_, name))):
                found = True
                yield head, f"{cause.found} {cause.required}"
        if not found:
            head = self._head(own, own.rsplit("::", 1)[-1]) if own else ""
            yield (
                head or self._longest(rf"(?<![\w-])(?:{re.escape(self.settings.name)}-)?{{}}(?![\w-])", message),
                message,
            )

    def _head(self, type_: str, name: str) -> str:
        return self._longest(r"(^|-){}($|-)", name) or ("database" if "aws:rds" in type_ else "")

    def _longest(self, form: str, text: str) -> str:
        """The workload of the longest name that the text has."""
        kinds = (("services", self.settings.services), ("jobs", self.settings.jobs))
        ours = [
            (len(own), f"{kind}.{workload.name}")
            for kind, workloads in kinds
            for workload in workloads
            for own in dict.fromkeys((workload.name, workload.aws_name))
            if re.search(form.format(re.escape(own)), text)
        ]
        return max(ours, default=(0, ""))[1]

    def _named(self, head: str, said: str) -> Iterator[Origin]:
        """What is named: a variable, a setting, or a property of AWS that comes from one."""
        origins = self.settings.origins
        words = dict.fromkeys(_WORD.findall(said))
        if head:
            names = [path for word in words for path in (f"environment.{word}", _PROPERTIES.get(word, word))]
            names += [f"{items}.{word}" for word in words for items in _LISTS]
            found = [origins[f"{head}.{name}"] for name in names if f"{head}.{name}" in origins]
            yield from found or self._declared(head)
            return
        for path, origin in origins.items():
            last = path.rpartition(".")[2]
            if last in words and len(last) > 5 and not path.startswith(("services.", "jobs.")):
                yield origin

    def _declared(self, head: str) -> Iterator[Origin]:
        """Where the workload itself stands in the catalogue."""
        kind, _, name = head.partition(".")
        workloads = self.settings.services if kind == "services" else self.settings.jobs
        yield from (workload.places.declared for workload in workloads if kind != "database" and workload.name == name)

    def _of_budget(self, entry: DatabaseBudget) -> Iterator[Origin]:
        """What raised the demand or lowered the supply since before; without a before, what demands the most."""
        after = entry.rollout or entry.after
        if after is None:
            return
        before = {workload.name: workload for workload in entry.before.workloads} if entry.before else {}
        workloads = sorted(
            after.workloads, key=lambda item: (before[item.name].demand if item.name in before else 0) - item.demand
        )
        for workload in workloads:
            # A variable that states a larger pool or more processes than the settings is named in the reason.
            for word in _WORD.findall(workload.why):
                yield from self._workload(workload.name, (f"environment.{word}",))
            for paths in _raised(before.get(workload.name), workload):
                yield from self._workload(workload.name, paths)
        if entry.before and entry.after:
            sides = entry.before, entry.after
            changed = (key for field, key in _OF_DATABASE.items() if len({getattr(side, field) for side in sides}) > 1)
            yield from self._of_database(*changed)
        if not before:
            # The largest first: what decided cannot be seen. Of the others, what the change itself has written comes before it.
            for workload in workloads:
                settings = [origin for _, paths in _FIELDS for origin in self._workload(workload.name, paths)]
                yield from sorted(settings, key=lambda origin: origin.shared)
                if workload is workloads[0]:
                    yield from self._of_database("maxConnections")
        yield from self._of_database(*_OF_DATABASE.values())

    def _of_database(self, *keys: str) -> Iterator[Origin]:
        yield from (origin for key in keys if (origin := self.settings.origins.get(f"database.{key}")) is not None)

    def _workload(self, name: str, paths: Sequence[str]) -> Iterator[Origin]:
        workloads = (*self.settings.services, *self.settings.jobs)
        aws_name = name.removeprefix(f"{self.settings.name}-")
        short = next((workload.name for workload in workloads if workload.aws_name == aws_name), aws_name)
        for kind in ("services", "jobs"):
            for path in paths:
                origin = self.settings.origins.get(f"{kind}.{short}.{path}")
                if origin is not None:
                    yield origin
                    return


def _raised(before: Workload | None, after: Workload) -> Iterator[tuple[str, ...]]:
    if before is not None:
        yield from (paths for field, paths in _FIELDS if getattr(after, field) > getattr(before, field))


def _place(origin: Origin) -> Place | None:
    return None if origin.line is None else Place(file=origin.file, line=origin.line, key=origin.key)
