"""Platforms to storm: random ones by seed, and the tasks that live together at the worst moment, played through by hand.

The tasks are not taken from the budget's formulas, which are what the storms put to the test: a roll-out is played generation
by generation and a schedule run by run.
"""

import os
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from policies.budget.demand import JobTasks, OneOffTasks, ServiceTasks, Strategy, Workload
from policies.budget.schedule import parse_schedule
from policies.budget.supply import Supply
from policies.budget.verdict import Budget
from settings.merged import Settings
from settings.reader import read
from settings.workloads import Job, Service
from tests.project import PROJECT

FIRST_SEED = int(os.environ.get("STORM_FIRST_SEED", "1"))
"""Seed of the first random platform; the others follow. Set it to storm platforms that nobody has stormed yet."""

MOST_PROCESSES = 18
"""Processes of one storm: as many as two cores start in a few seconds."""

_SMALLEST_MAX_CONNECTIONS = 10  # MariaDB takes no less

_MINUTE = timedelta(minutes=1)


def generations(workload: Workload) -> tuple[int, ...]:
    """Tasks in the order in which they start, generation by generation, all alive at the worst moment."""
    match workload.tasks:
        case ServiceTasks() as service:
            # Autoscaling has the service at its maximum when the deployment starts. The old tasks drain while the new
            # ones start; with overlapping deployments the generation before the old ones still drains too.
            fleet = max(service.desired, service.scaling_maximum or 0, service.scheduled_maximum or 0)
            return (fleet,) * (3 if service.overlapping_deployments else 2)
        case JobTasks() as job:
            return _runs_alive(job)
        case OneOffTasks() as once:
            return (once.count,)


def _runs_alive(job: JobTasks) -> tuple[int, ...]:
    """Runs that are alive at the start of the newest one; the scheduler delivers that one twice, as it may."""
    latest = job.flexible_window + job.retry_age
    moment = timedelta(days=400)
    alive = 0
    start = moment
    while start > timedelta(0) and moment - start < job.longest_run + latest:
        begun = start + min(latest, moment - start)  # the later a run begins, the later it ends
        if begun <= moment < begun + job.longest_run:
            alive += 1
        if job.period == timedelta.max:
            break
        start -= job.period
    return (*(job.task_count for _ in range(alive)), job.task_count)


def processes(workload: Workload) -> int:
    """Processes that the workload runs at the worst moment."""
    return sum(generations(workload)) * workload.processes


def random_platform(seed: int) -> Budget:
    """A platform that passes the budget, by seed; about every third with nothing to spare."""
    dice = random.Random(seed)
    while True:
        workloads = _workloads(dice)
        demand = sum(workload.demand for workload in workloads)
        reserve = dice.randint(1, 6)
        headroom = dice.choice((0, dice.randint(1, 10), dice.randint(11, 60)))
        total = sum(processes(workload) for workload in workloads)
        if 4 <= total <= MOST_PROCESSES and demand + reserve >= _SMALLEST_MAX_CONNECTIONS:
            return budget_of(workloads, reserve=reserve, max_connections=demand + reserve + headroom)


def budget_of(workloads: Sequence[Workload], *, reserve: int, max_connections: int | None = None) -> Budget:
    """A budget with a literal max_connections; without one it is what demand and reserve need, and none to spare."""
    supply = Supply(max_connections=max_connections or 0, estimated=False, source="literal in the server's options")
    budget = Budget(database="storm", workloads=tuple(workloads), supply=supply, reserve=reserve)
    if max_connections is None:
        budget = replace(budget, supply=replace(supply, max_connections=budget.used))
    return budget


def stage_budget(stage: str) -> tuple[Budget, int]:
    """The budget of a real stage from its settings, and its wait_timeout in seconds."""
    settings = _stage_settings(stage)
    services = [
        _with_tasks(
            service,
            ServiceTasks(
                desired=service.tasks.min,
                scaling_maximum=service.tasks.max,
                overlapping_deployments=service.overlapping_deployments,
            ),
        )
        for service in settings.services
        if service.database
    ]
    jobs = [
        _with_tasks(
            job,
            JobTasks(
                task_count=job.task_count,
                longest_run=job.longest_run_minutes * _MINUTE,
                period=parse_schedule(job.schedule).shortest_period(),
            ),
        )
        for job in settings.jobs
        if job.database and job.enabled and job.longest_run_minutes is not None
    ]
    database = settings.database
    budget = budget_of([*services, *jobs], reserve=database.reserve, max_connections=database.max_connections)
    return budget, database.wait_timeout_seconds


def _stage_settings(stage: str) -> Settings:
    root, project = Path(__file__).parents[2], PROJECT
    catalogue: dict[str, Any] = yaml.safe_load((root / "Pulumi.yaml").read_text())["config"]
    values = {f"{project}:{key}": entry["value"] for key, entry in catalogue.items() if isinstance(entry, dict)}
    values |= yaml.safe_load((root / f"Pulumi.{stage}.yaml").read_text())["config"]
    return read(values, project=project, stage=stage, project_dir=root)


def _with_tasks(declared: Service | Job, tasks: ServiceTasks | JobTasks) -> Workload:
    assert declared.db_conn_limit is not None, f"{declared.name} uses the database without a limit"
    return Workload(
        name=declared.name,
        limit=declared.db_conn_limit,
        tasks=tasks,
        processes=declared.processes,
        pools=declared.pools_per_process,
        outside_pool=declared.connections_outside_pool,
    )


def _workloads(dice: random.Random) -> tuple[Workload, ...]:
    services = [_workload(dice, f"service-{number}", _service(dice)) for number in range(1, dice.randint(1, 3) + 1)]
    jobs = [_workload(dice, f"job-{number}", _job(dice)) for number in range(1, dice.randint(0, 2) + 1)]
    once = [_workload(dice, "migrations", OneOffTasks(count=1))] if dice.random() < 0.4 else []
    return (*services, *jobs, *once)


def _workload(dice: random.Random, name: str, tasks: ServiceTasks | JobTasks | OneOffTasks) -> Workload:
    return Workload(
        name=name,
        limit=dice.randint(1, 18),
        tasks=tasks,
        processes=dice.choice((1, 1, 1, 2)),
        pools=dice.choice((1, 1, 2)),
        outside_pool=dice.choice((0, 0, 1, 2)),
    )


def _service(dice: random.Random) -> ServiceTasks:
    desired = dice.randint(1, 2)
    return ServiceTasks(
        desired=desired,
        scaling_maximum=dice.choice((None, desired, desired + 1)),
        scheduled_maximum=dice.choice((None, None, desired + 1)),
        maximum_percent=dice.choice((100, 150, 200)),
        strategy=dice.choice(tuple(Strategy)),
        overlapping_deployments=dice.random() < 0.15,
    )


def _job(dice: random.Random) -> JobTasks:
    return JobTasks(
        task_count=dice.randint(1, 2),
        longest_run=dice.randint(1, 130) * _MINUTE,
        period=dice.choice((30 * _MINUTE, 60 * _MINUTE, 1440 * _MINUTE, timedelta.max)),
        flexible_window=dice.choice((0, 0, 15)) * _MINUTE,
        retry_age=dice.choice((0, 0, 0, 10)) * _MINUTE,
    )
