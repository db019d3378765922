"""How many database connections the tasks of a workload can hold open at the same time.

Sources. The share that a rolling deployment may run, and its rounding down: Amazon ECS Developer Guide, "Deploy Amazon ECS
services by replacing tasks" (maximumPercent). AWS's pages disagree on whether tasks that are STOPPING count against it, and
public threads show draining tasks that do not, so a roll-out is bounded by twice the tasks in any case. Blue/green: Amazon ECS
Developer Guide, "Amazon ECS blue/green deployments", both task sets live until clean-up. Autoscaling during a deployment:
"Automatically scale your Amazon ECS service": scale-in pauses, scale-out goes on, so the maximum is what counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal


class Strategy(StrEnum):
    """How a service replaces its tasks: `deploymentConfiguration.strategy`, or the CODE_DEPLOY controller."""

    ROLLING = "rolling"
    BLUE_GREEN = "blue/green"
    LINEAR = "linear"
    CANARY = "canary"
    CODE_DEPLOY = "CodeDeploy"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTasks:
    """The tasks of an ECS service.

    desired, scaling_maximum, scheduled_maximum: tasks, >= 0; the maxima are those of the autoscaling target and of its
    scheduled actions. maximum_percent: percent of the tasks that a rolling deployment may run, 100-200 by default, AWS
    takes more. left_alone: the program leaves desired to others (ignore_changes). overlapping_deployments: a deployment may start
    while the one before it still drains, because of overlapping_by.
    """

    desired: int
    scaling_maximum: int | None = None
    scheduled_maximum: int | None = None
    maximum_percent: int = 200
    strategy: Strategy = Strategy.ROLLING
    left_alone: bool = False
    overlapping_deployments: bool = False
    overlapping_by: str = ""

    def __post_init__(self) -> None:
        _refuse_negative(desired=self.desired, scaling_maximum=self.scaling_maximum)
        _refuse_negative(scheduled_maximum=self.scheduled_maximum, maximum_percent=self.maximum_percent)

    @property
    def maximum(self) -> int:
        """The most tasks the service runs outside a deployment."""
        return max(self.desired, self.scaling_maximum or 0, self.scheduled_maximum or 0)

    @property
    def alive(self) -> int:
        """The most tasks alive at once, in the middle of a deployment at the service's maximum.

        Where deployments overlap three of them have tasks: the one before, the one that is replaced and drains, and the newest.
        """
        peak = 2 * self.maximum
        if self.strategy is Strategy.ROLLING:
            peak = max(peak, self.maximum * self.maximum_percent // 100)
        return peak + self.maximum if self.overlapping_deployments else peak

    @property
    def why(self) -> str:
        """How `alive` follows, for a table."""
        how = str(self.strategy)
        if self.strategy is Strategy.ROLLING:
            draining = " with those that drain" if self.maximum_percent < 200 and self.maximum else ""
            how = f"{how} {self.maximum_percent} %{draining}"
        overlapping = f", overlapping{self.overlapping_by and f' by {self.overlapping_by}'}"
        most = f"{self.maximum}{' (ignoreChanges)' if self.left_alone else ''}"
        return f"at most {most}, {how}{overlapping if self.overlapping_deployments else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTasks:
    """The tasks a schedule starts (EventBridge Scheduler or an EventBridge rule), with no service that limits them.

    ECS ends no task for running long and the scheduler delivers at least once, so runs overlap: alive is bounded by
    task_count x (ceil(longest run / period) + 1). A flexible window and the age up to which a failed start is retried
    lengthen the run, because they move its start. task_count: 1-10 in a schedule. period: the shortest time between two
    starts; `timedelta.max` for a schedule that starts once.
    """

    task_count: int
    longest_run: timedelta
    period: timedelta
    flexible_window: timedelta = timedelta(0)
    retry_age: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        _refuse_negative(task_count=self.task_count)
        if self.period <= timedelta(0):
            raise ValueError(f"period must be longer than nothing, found {self.period}")
        if min(self.longest_run, self.flexible_window, self.retry_age) < timedelta(0):
            raise ValueError("longest_run, flexible_window and retry_age must not be negative")

    @property
    def alive(self) -> int:
        """The most tasks alive at once."""
        stretch = self.longest_run + self.flexible_window + self.retry_age
        overlapping = -(-stretch // self.period)  # the ceiling, exact in whole microseconds
        return self.task_count * (overlapping + 1)

    @property
    def why(self) -> str:
        """How `alive` follows, for a table."""
        every = "once" if self.period == timedelta.max else f"every {duration(self.period)}"
        late = self.flexible_window + self.retry_age
        return (
            f"{self.task_count} {every}, runs {duration(self.longest_run)}{f', {duration(late)} late' if late else ''}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOffTasks:
    """Tasks that people or a pipeline start by hand: migrations, a console. count: copies at once, >= 0, as declared."""

    count: int

    def __post_init__(self) -> None:
        _refuse_negative(count=self.count)

    @property
    def alive(self) -> int:
        """The most tasks alive at once: what was declared."""
        return self.count

    @property
    def why(self) -> str:
        """How `alive` follows, for a table."""
        return "started by hand, as declared"


@dataclass(frozen=True, slots=True)
class DeclaredClients:
    """Clients that are no ECS tasks, Lambda functions or EC2 instances say: all they open together is the limit, as `by` says."""

    by: str = "declared as a whole"

    @property
    def alive(self) -> int:
        """The limit counts once."""
        return 1

    @property
    def why(self) -> str:
        """How `alive` follows, for a table."""
        return self.by


Tasks = ServiceTasks | JobTasks | OneOffTasks | DeclaredClients


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One application and the tasks it runs as.

    limit: connections that the pools of one process may open together (DB_CONN_LIMIT, summed over the containers of a
    task that use the database), >= 1. processes: per task (cluster workers). pools: per process, each with the limit.
    outside_pool: connections of a task that no pool counts (a lock, a scheduler), >= 0. limit_by, processes_by: the variables and
    flags that state a larger pool or more processes than DB_CONN_LIMIT and the declaration, which then count instead.
    """

    name: str
    limit: int
    tasks: Tasks
    processes: int = 1
    pools: int = 1
    outside_pool: int = 0
    limit_by: str = ""
    processes_by: str = ""

    def __post_init__(self) -> None:
        if min(self.limit, self.processes, self.pools) < 1:
            raise ValueError(f"{self.name}: limit, processes and pools are at least 1")
        _refuse_negative(outside_pool=self.outside_pool)

    @property
    def why(self) -> str:
        """How its numbers follow, for a table: its tasks, and what states more than was declared."""
        return "; ".join(text for text in (self.tasks.why, self.limit_by, self.processes_by) if text)

    @property
    def pools_per_task(self) -> int:
        """How often the limit counts in one task."""
        return self.processes * self.pools

    @property
    def per_task(self) -> int:
        """Connections that one task can hold open."""
        return self.limit * self.pools_per_task + self.outside_pool

    @property
    def alive(self) -> int:
        """The most tasks alive at once."""
        return self.tasks.alive

    @property
    def demand(self) -> int:
        """Connections that all tasks of the workload can hold open at once."""
        return self.per_task * self.alive


def kind_of(workload: Workload) -> Literal["service", "job", "one-off", "other"]:
    """What the workload runs as: "service", "job", "one-off", or "other" than ECS tasks."""
    match workload.tasks:
        case ServiceTasks():
            return "service"
        case JobTasks():
            return "job"
        case OneOffTasks():
            return "one-off"
        case DeclaredClients():
            return "other"


def most_tasks(workload: Workload) -> int:
    """The most tasks that do the workload's work at once; a roll-out runs more for a while."""
    match workload.tasks:
        case ServiceTasks(maximum=maximum):
            return maximum
        case JobTasks(task_count=count) | OneOffTasks(count=count):
            return count
        case DeclaredClients():
            return 1


def duration(value: timedelta) -> str:
    """A duration in its largest whole unit: "3 d", "24 h", "40 min", "90 s"."""
    seconds = math.ceil(value.total_seconds())
    for unit, size, least in (("d", 86_400, 2 * 86_400), ("h", 3_600, 3_600), ("min", 60, 60)):
        if seconds >= least and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _refuse_negative(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < 0:
            raise ValueError(f"{name} must not be negative, found {number}")
