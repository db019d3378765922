"""The exact ways out of a broken budget: the largest limit, the largest task maximum, the smallest class that fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from policies.budget.classes import family_of
from policies.budget.declarations import LIMIT
from policies.budget.demand import DeclaredClients, JobTasks, ServiceTasks, Workload
from policies.budget.supply import class_default
from policies.budget.verdict import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class LargerClass:
    """A class whose own default surely covers demand and reserve, and the max_connections to set on it."""

    instance_class: str
    max_connections: int


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
    """The most processes of a task with which the budget fits, where the program states them; None where not even 1 does."""
    if not workload.processes_by or workload.processes == 1 or workload.alive == 0:
        return None
    room = room_for(budget, workload) - workload.outside_pool * workload.alive
    return max(room // (workload.limit * workload.pools * workload.alive), 0) or None


def largest_tasks(budget: Budget, workload: Workload) -> int | None:
    """The largest task maximum of a service with which the budget fits; None for jobs and where not even 1 does."""
    if not isinstance(workload.tasks, ServiceTasks):
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
    """The same service with another task maximum: desired and every scaling maximum at most that."""
    if not isinstance(workload.tasks, ServiceTasks):
        raise ValueError(f"{workload.name} is no service and has no task maximum")
    tasks = replace(workload.tasks, desired=maximum, scaling_maximum=None, scheduled_maximum=None)
    return replace(workload, tasks=tasks)


def smallest_class(budget: Budget) -> LargerClass | None:
    """The smallest class of the family whose own default covers what is used; None where none is known to."""
    for instance_class in family_of(budget.supply.instance_class):
        default = class_default(budget.supply, instance_class)
        if default is not None and default >= budget.used:
            return LargerClass(instance_class=instance_class, max_connections=budget.used)
    return None


def late_jobs(budget: Budget) -> tuple[str, ...]:
    """The jobs whose failed starts are tried again; empty where the budget would not fit without these late starts either."""
    late = [w for w in budget.workloads if isinstance(w.tasks, JobTasks) and w.tasks.retry_age]
    punctual = replace(budget, workloads=tuple(_punctual(workload) for workload in budget.workloads))
    return tuple(workload.name for workload in late) if punctual.fits else ()


def _punctual(workload: Workload) -> Workload:
    if not isinstance(workload.tasks, JobTasks):
        return workload
    return replace(workload, tasks=replace(workload.tasks, retry_age=timedelta(0)))


def ways_out(budget: Budget) -> tuple[str, ...]:
    """Sentences, each of which alone fixes a broken budget; empty for one that fits."""
    if budget.fits:
        return ()
    ways: list[str] = []
    for workload in budget.workloads:
        limit, tasks = largest_limit(budget, workload), largest_tasks(budget, workload)
        if limit is not None:
            declared = "connections declared" if isinstance(workload.tasks, DeclaredClients) else LIMIT
            what = f"{LIMIT} and its pool ({workload.limit_by})" if workload.limit_by else declared
            ways.append(f"{workload.name}: {what} at most {limit} (now {workload.limit})")
        processes = largest_processes(budget, workload)
        if processes is not None:
            ways.append(
                f"{workload.name}: at most {processes} process{'es' if processes > 1 else ''} (now {workload.processes_by})"
            )
        if tasks is not None and isinstance(workload.tasks, ServiceTasks):
            ways.append(f"{workload.name}: at most {tasks} tasks (now {workload.tasks.maximum})")
    late = late_jobs(budget)
    if late:
        ways.append(f"{', '.join(late)}: retryPolicy with maximumRetryAttempts 0, so that no run starts late")
    larger = smallest_class(budget)
    if larger is not None:
        same = larger.instance_class == budget.supply.instance_class
        which = f"the present {larger.instance_class}" if same else larger.instance_class
        ways.append(f"{budget.database}: max_connections {larger.max_connections} on {which}, whose memory covers it")
    if not ways:
        ways.append("no single change fixes it: lower several limits or task maxima together")
    return tuple(ways)
