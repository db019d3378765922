"""`--set`: what would be if a limit, a task maximum, a class or max_connections were another, without editing a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from offline.engine.errors import UsageError
from policies.budget.classes import family_of, nominal_memory
from policies.budget.demand import DeclaredClients, Workload, kind_of, most_tasks
from policies.budget.solve import with_tasks
from policies.budget.supply import class_default
from policies.facts.clients.budgets import DatabaseBudget
from policies.facts.clients.written import changed
from policies.facts.database.supply import members_of
from policies.facts.facts import Facts
from policies.resources.graph import Graph
from policies.resources.tokens import DB_INSTANCE
from settings.nearest import nearest

from .stage import Entry, Stage

LARGEST = 1_000_000
_SHAPE = re.compile(r"(?:(?P<name>[^.=\s]+)\.)?(?P<field>[^.=\s]+)=(?P<value>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One `--set`, resolved. subject: the workload's or database's full name; value: as written."""

    subject: str
    field: str
    value: str

    def __str__(self) -> str:
        return f"{self.subject}.{self.field}={self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The entries after the changes, and a line for people about each change's effect."""

    entries: tuple[Entry, ...]
    effects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _WorkloadField:
    """How a field of a workload is read and replaced; least: the smallest value it takes."""

    least: int
    get: Callable[[Workload], int]
    put: Callable[[Workload, int], Workload]


def _with_tasks(workload: Workload, count: int) -> Workload:
    if isinstance(workload.tasks, DeclaredClients):
        raise UsageError(f"{workload.name} is declared as a whole and has no tasks: set {workload.name}.limit.")
    return with_tasks(workload, count)


_WORKLOAD_FIELDS: Mapping[str, _WorkloadField] = {
    "limit": _WorkloadField(1, lambda old: old.limit, lambda old, new: replace(old, limit=new)),
    "tasks": _WorkloadField(0, most_tasks, _with_tasks),
    "processes": _WorkloadField(1, lambda old: old.processes, lambda old, new: replace(old, processes=new)),
    "pools": _WorkloadField(1, lambda old: old.pools, lambda old, new: replace(old, pools=new)),
    "outside": _WorkloadField(0, lambda old: old.outside_pool, lambda old, new: replace(old, outside_pool=new)),
}
_DATABASE_FIELDS = {"class": None, "max-connections": 1, "reserve": 0}
"""Fields of a database, with the smallest number each takes; a class is a name."""


def apply_changes(stage: Stage, texts: Sequence[str]) -> tuple[tuple[Change, ...], Changed]:
    """Read every `NAME.FIELD=VALUE` and make the changes. Raises UsageError that names the nearest right name or field.

    NAME is a workload with or without the stage in front, or a database; a database's fields need no name where there is
    one database. A class is changed in the resources, which are then read again; all else in the budget itself.
    """
    changes = tuple(_read(stage, text) for text in texts)
    graph, effects = stage.graph, list[str]()
    for change in changes:
        if change.field == "class":
            graph = _with_class(graph, _database(stage, change.subject), change)
    entries = Facts(graph).budgets
    for change in changes:
        if change.field == "class":
            effects.append(_class_effect(stage, entries, change))
            continue
        entries = tuple(_applied(entry, change, effects) for entry in entries)
    return changes, Changed(entries=entries, effects=tuple(effects))


def workload_named(stage: Stage, name: str) -> tuple[DatabaseBudget, Workload]:
    """The workload with this name, with or without the stage in front. Raises UsageError that names the nearest."""
    found = [
        (entry, workload)
        for entry in stage.budgets
        for workload in entry.budget.workloads
        if workload.name in (name, f"{stage.name}-{name}")
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f'"{name}" names {len(found)} workloads of stage {stage.name}; nothing distinguishes them.')
    known = [workload.name for entry in stage.budgets for workload in entry.budget.workloads]
    raise _no_such("workload with a known budget", name, known, prefix=f"{stage.name}-")


def _read(stage: Stage, text: str) -> Change:
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise UsageError(
            f'--set {text}: NAME.FIELD=VALUE is required, such as "tracking-api.limit=20" or "max-connections=120".'
        )
    name, field, value = match["name"], match["field"], match["value"].strip()
    names = [entry.database for entry in stage.budgets]
    of_database = name in names or (name is None and field in _DATABASE_FIELDS)
    if of_database:
        if field not in _DATABASE_FIELDS:
            raise _no_such("field of a database", field, list(_DATABASE_FIELDS))
        subject, least = _database(stage, name).database, _DATABASE_FIELDS[field]
    elif name is None:
        raise _no_such("field", field, [*_DATABASE_FIELDS, *(f"WORKLOAD.{known}" for known in _WORKLOAD_FIELDS)])
    else:
        workload = workload_named(stage, name)[1]
        if field not in _WORKLOAD_FIELDS:
            raise _no_such("field of a workload", field, list(_WORKLOAD_FIELDS))
        subject, least = workload.name, _WORKLOAD_FIELDS[field].least
    if least is not None and not (re.fullmatch(r"[0-9]{1,7}", value) and least <= int(value) <= LARGEST):
        raise UsageError(f'--set {text}: "{value}" is not an integer from {least} to {LARGEST}.')
    return Change(subject=subject, field=field, value=value)


def _database(stage: Stage, name: str | None) -> DatabaseBudget:
    if not stage.budgets:
        raise UsageError(f"--set: stage {stage.name} has no database whose budget is known.")
    if name is None and len(stage.budgets) > 1:
        names = ", ".join(entry.database for entry in stage.budgets)
        raise UsageError(f"--set: there are several databases ({names}); say which, as in NAME.class=db.r5.2xlarge.")
    return next(entry for entry in stage.budgets if name in (None, entry.database))


def _applied(entry: Entry, change: Change, effects: list[str]) -> Entry:
    if not isinstance(entry, DatabaseBudget):
        return entry
    budget, number = entry.budget, int(change.value)
    if change.subject == entry.database and change.field == "max-connections":
        effects.append(f"{entry.database}: max_connections {budget.supply.max_connections} -> {number}")
        supply = replace(budget.supply, max_connections=number, estimated=False, source="literal given with --set")
        return replace(entry, budget=replace(budget, supply=supply))
    if change.subject == entry.database and change.field == "reserve":
        effects.append(f"{entry.database}: reserve {budget.reserve} -> {number}")
        return replace(entry, budget=replace(budget, reserve=number))
    workloads = list(budget.workloads)
    for position, old in enumerate(workloads):
        if old.name == change.subject and change.field in _WORKLOAD_FIELDS:
            field = _WORKLOAD_FIELDS[change.field]
            new = workloads[position] = field.put(old, number)
            what = f"{kind_of(old)} {old.name}: {change.field} {field.get(old)} -> {number}"
            effects.append(f"{what}, demand {old.demand} -> {new.demand}")
    return replace(entry, budget=replace(budget, workloads=tuple(workloads)))


def _with_class(graph: Graph, entry: DatabaseBudget, change: Change) -> Graph:
    """The graph with another class on the instance, or on every member of the cluster."""
    present = entry.budget.supply.instance_class
    if nominal_memory(change.value) is None:
        known = [*family_of(present), *family_of(change.value)]
        raise _no_such("class in the table of memory sizes", change.value, known)
    database = graph.get(entry.urn)
    instances = [] if database is None else [database] if database.type == DB_INSTANCE else members_of(graph, database)
    if not instances:
        raise UsageError(f"--set {change}: the stack does not manage {entry.database}, so it has no class here.")
    for instance in instances:
        graph = graph.with_resource(changed(instance, ("instanceClass",), change.value))
    return graph


def _class_effect(stage: Stage, entries: Sequence[Entry], change: Change) -> str:
    before = _database(stage, change.subject).budget.supply
    what = f"{change.subject}: class {before.instance_class} -> {change.value}"
    for entry in entries:
        if isinstance(entry, DatabaseBudget) and entry.database == change.subject:
            after = entry.budget.supply
            if after.estimated:
                return f"{what}, max_connections {before.max_connections} -> {after.max_connections} (estimated low)"
            default = class_default(after, change.value)
            carries = "" if default is None else f"; by itself the class admits at least {default}"
            return f"{what}, max_connections stays {after.max_connections}, a {after.source}{carries}"
    return what


def _no_such(what: str, name: str, known: Sequence[str], *, prefix: str = "") -> UsageError:
    """UsageError with the nearest right name in front of all of them."""
    short = {text.removeprefix(prefix): text for text in known}
    near = nearest(name.removeprefix(prefix), short, alike=0.4)
    hint = f" Did you mean {short[near]}?" if near else ""
    listed = ", ".join(dict.fromkeys(known)) or "none"
    return UsageError(f'There is no {what} "{name}".{hint} There are: {listed}.')
