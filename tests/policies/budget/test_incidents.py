"""Published outages, with their numbers: the budget denies what failed and passes what held."""

from __future__ import annotations

import pytest

from pack.budget.demand import OneOffTasks, ServiceTasks, Workload
from pack.budget.supply import Supply
from pack.budget.verdict import Budget


def fixed(name: str, tasks: int, limit: int) -> Workload:
    """Tasks that the report counts as they stood, with no deployment going on."""
    return Workload(name=name, limit=limit, tasks=OneOffTasks(count=tasks))


def rolling(name: str, tasks: int, limit: int, *, processes: int = 1, outside: int = 0, percent: int = 200) -> Workload:
    service = ServiceTasks(desired=tasks, maximum_percent=percent)
    return Workload(name=name, limit=limit, processes=processes, outside_pool=outside, tasks=service)


def outside(connections: int) -> Workload:
    """Connections that hang on no pool."""
    return Workload(name="outside", limit=connections, tasks=OneOffTasks(count=1))


@pytest.mark.parametrize(
    ("max_connections", "workloads", "demand", "fits"),
    [
        # https://github.com/kortix-ai/suna/issues/5289: 3 tasks on ECS and 4 pods on EKS with 15 each on a limit of 60.
        (60, [fixed("ecs", 3, 15), fixed("eks", 4, 15)], 105, False),
        (60, [fixed("all", 7, 4), outside(7)], 35, True),
        # https://github.com/dani-garcia/vaultwarden/issues/949: limit 15, pool 10, old and new instance at once.
        (15, [rolling("vaultwarden", 1, 10)], 20, False),
        # https://github.com/femiwiki/femiwiki/issues/475: 4 processes of 2 during a roll-out twice, and 4 beside.
        (60, [rolling("web", 1, 2, processes=4), fixed("web-2", 2, 8), outside(4)], 36, True),
        # itoverdose on db.t3.micro (87): 2 workers with pool 8 and overflow 12 make 40 a task, 80 in a roll-out.
        (87, [rolling("api", 1, 20, processes=2)], 80, True),
        (87, [rolling("api", 1, 20, processes=2), fixed("worker", 1, 20)], 100, False),
        # michal-drozd: limit 200, 20 tasks with 10 each: right at the limit while nothing is deployed, 400 in a roll-out.
        (200, [fixed("api", 20, 10)], 200, True),
        (200, [rolling("api", 20, 10)], 400, False),
        (200, [rolling("api", 5, 10)], 100, True),
    ],
)
def test_published_incidents(max_connections: int, workloads: list[Workload], demand: int, fits: bool) -> None:
    supply = Supply(max_connections=max_connections, estimated=False, source="as published")
    budget = Budget(database="db", workloads=tuple(workloads), supply=supply, reserve=0)
    assert (budget.demand, budget.fits) == (demand, fits)
