"""The ways out of a broken budget by arithmetic: the largest limit, the largest task maximum, the smallest class that fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from policies.budget.classes import family_of
from policies.budget.demand import DeclaredClients, JobTasks, OneOffTasks, ServiceTasks, Workload, most_tasks
from policies.budget.engines import most_connections
from policies.budget.supply import class_default, risky_above
from policies.budget.verdict import Budget


class Kind(StrEnum):
    """What a way out changes."""

    LIMIT = "limit"
    PROCESSES = "processes"
    TASKS = "tasks"
    NO_RETRIES = "no retries"
    MAX_CONNECTIONS = "max_connections"
    CLASS = "class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A change with which, all else the same, a broken budget fits.

    value, now: what the kind counts, as it has to be and as it is. workloads: their positions in the budget, several where one place
    sets all of them, none where the database changes. instance_class: the one to take; value is then the max_connections to set on
    it, 0 where its default is enough.
    """

    kind: Kind
    value: int
    now: int
    workloads: tuple[int, ...] = ()
    instance_class: str = ""

    @property
    def size(self) -> tuple[bool, float]:
        """Orders ways, the smallest change first; another class, which is paid for, comes last."""
        return self.kind is Kind.CLASS, max(len(self.workloads), 1) * abs(self.value - self.now) / max(self.now, 1)


@dataclass(frozen=True, slots=True)
class Together:
    """Workloads whose limit, or whose task maximum, one place sets. kind: LIMIT or TASKS; workloads: positions in the budget."""

    kind: Kind
    workloads: tuple[int, ...]


def room_for(budget: Budget, workload: Workload) -> int:
    """Connections that the others and the reserve leave to one workload; may be negative."""
    return budget.headroom + workload.demand


def largest_limit(budget: Budget, workload: Workload) -> int | None:
    """The largest pool limit of a workload with which the budget fits, or None where not even 1 does.

    A workload that runs no task can have any limit; its present one is the answer.
    """
    room, alive = room_for(budget, workload), workload.alive
    if alive == 0:
        return workload.limit if room >= 0 else None
    limit = (room - workload.outside_pool * alive) // (workload.pools_per_task * alive)
    return limit if limit >= 1 else None


def largest_processes(budget: Budget, workload: Workload) -> int | None:
    """The most processes of a task with which the budget fits, of those stated or declared; None where not even 1 does."""
    if workload.processes == 1 or workload.alive == 0:
        return None
    room = room_for(budget, workload) - workload.outside_pool * workload.alive
    return max(room // (workload.limit * workload.pools * workload.alive), 0) or None


def largest_tasks(budget: Budget, workload: Workload) -> int | None:
    """The largest task maximum of a service, or task count of a job, with which the budget fits; None where not even 1 does."""
    if isinstance(workload.tasks, DeclaredClients):
        return None
    room = room_for(budget, workload)
    low, high = 0, max(room, 0)  # a task demands at least one connection, so the room bounds the tasks
    while low < high:
        middle = (low + high + 1) // 2
        if with_tasks(workload, middle).demand <= room:
            low = middle
        else:
            high = middle - 1
    return low or None


def with_tasks(workload: Workload, maximum: int) -> Workload:
    """The same workload with another number of tasks: of a service desired and every scaling maximum, of a job what starts at once."""
    match workload.tasks:
        case ServiceTasks():
            tasks = replace(workload.tasks, desired=maximum, scaling_maximum=None, scheduled_maximum=None)
        case JobTasks():
            tasks = replace(workload.tasks, task_count=maximum)
        case OneOffTasks():
            tasks = replace(workload.tasks, count=maximum)
        case DeclaredClients():
            raise ValueError(f"{workload.name} is no task of ECS and has no number of tasks")
    return replace(workload, tasks=tasks)


def larger_class(budget: Budget) -> tuple[str, int] | None:
    """(the smallest class whose own default surely covers what is used, the max_connections to set there, 0 for its default).

    Of the family of the present class, and larger than it; None where there is none, or where the present one is enough.
    """
    supply = budget.supply
    present = class_default(supply, supply.instance_class)
    if present is None or present >= budget.used or budget.used > most_connections(supply.engine):
        return None
    for instance_class in family_of(supply.instance_class):
        default = class_default(supply, instance_class)
        if default is not None and default >= budget.used:
            return instance_class, 0 if supply.estimated else budget.used
    return None


def late_jobs(budget: Budget) -> tuple[int, ...]:
    """The positions of jobs whose failed starts are tried again; empty where the budget does not fit without these late starts."""
    late = [i for i, w in enumerate(budget.workloads) if isinstance(w.tasks, JobTasks) and w.tasks.retry_age]
    punctual = replace(budget, workloads=tuple(_punctual(workload) for workload in budget.workloads))
    return tuple(late) if punctual.fits else ()


def _punctual(workload: Workload) -> Workload:
    if not isinstance(workload.tasks, JobTasks):
        return workload
    return replace(workload, tasks=replace(workload.tasks, retry_age=timedelta(0)))


def largest_together(budget: Budget, together: Together) -> int | None:
    """The largest value with which the budget fits, that all of them have; None where not even 1 does, or one has more to it."""
    ours = [budget.workloads[position] for position in together.workloads]
    room = budget.headroom + sum(workload.demand for workload in ours)
    if together.kind is Kind.LIMIT:
        if any(workload.limit_by for workload in ours):
            return None
        each = sum(workload.pools_per_task * workload.alive for workload in ours)
        beside = sum(workload.outside_pool * workload.alive for workload in ours)
        return max((room - beside) // each, 0) or None if each else None
    low, high = 0, max(room, 0)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(with_tasks(workload, middle).demand for workload in ours) <= room:
            low = middle
        else:
            high = middle - 1
    return low or None


def ways_out(budget: Budget, together: Iterable[Together] = ()) -> tuple[Way, ...]:
    """Changes of which each alone makes a broken budget fit, the smallest first; empty for one that fits.

    By arithmetic alone: whether a program or another policy admits one is not known here.
    """
    if budget.fits:
        return ()
    return tuple(sorted((*_ways(budget), *_ways_together(budget, together)), key=lambda way: way.size))


def _ways_together(budget: Budget, together: Iterable[Together]) -> Iterator[Way]:
    for each in together:
        value = largest_together(budget, each)
        ours = [budget.workloads[position] for position in each.workloads]
        now = max(workload.limit if each.kind is Kind.LIMIT else most_tasks(workload) for workload in ours)
        if value is not None and value < now:
            yield Way(kind=each.kind, value=value, now=now, workloads=each.workloads)


def _ways(budget: Budget) -> Iterator[Way]:
    for position, workload in enumerate(budget.workloads):
        limit, tasks = largest_limit(budget, workload), largest_tasks(budget, workload)
        if limit is not None and workload.alive:
            yield Way(kind=Kind.LIMIT, value=limit, now=workload.limit, workloads=(position,))
        if (processes := largest_processes(budget, workload)) is not None:
            yield Way(kind=Kind.PROCESSES, value=processes, now=workload.processes, workloads=(position,))
        if tasks is not None and tasks < most_tasks(workload):
            yield Way(kind=Kind.TASKS, value=tasks, now=most_tasks(workload), workloads=(position,))
    if late_jobs(budget):
        yield Way(kind=Kind.NO_RETRIES, value=0, now=1)
    supply, most = budget.supply, risky_above(budget.supply)
    if most is not None and budget.used <= min(most, most_connections(supply.engine)):
        yield Way(kind=Kind.MAX_CONNECTIONS, value=budget.used, now=supply.max_connections)
    if (larger := larger_class(budget)) is not None:
        yield Way(kind=Kind.CLASS, value=larger[1], now=supply.max_connections, instance_class=larger[0])
