"""Published outages, with their numbers: the budget denies what failed and passes what held."""

import pytest

from policies.budget.demand import OneOffTasks, ServiceTasks, Workload
from policies.budget.supply import Supply
from policies.budget.verdict import Budget


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
        # https://github.com/kortix-ai/suna/pull/5289: 3 tasks on ECS and 4 pods on EKS with 15 each on a limit of 60; then
        # 4 each, and 7 connections of the leader election.
        (60, [fixed("ecs", 3, 15), fixed("eks", 4, 15)], 105, False),
        (60, [fixed("all", 7, 4), outside(7)], 35, True),
        # https://github.com/kortix-ai/suna/pull/6722: 10 tasks with pools of 15 and 3 and a leader connection, old and new
        # together, on 237 usable slots; then pools of 6 and 2, and a probe of every starting task.
        (237, [rolling("api", 10, 15, outside=4)], 380, False),
        (237, [rolling("api", 10, 6, outside=3), outside(10)], 190, True),
        # https://github.com/dani-garcia/vaultwarden/pull/949: limit 15, pool 10, old and new instance at once.
        (15, [rolling("vaultwarden", 1, 10)], 20, False),
        # https://github.com/femiwiki/femiwiki/issues/475: 4 threads with 2 connections, 2 instances in a deployment, 4 beside.
        # The report takes (4 x 2) x 2 for 32 and so says 36; with its own numbers it is 20. Both fit.
        (60, [rolling("web", 1, 2, processes=4), outside(4)], 20, True),
        (60, [rolling("web", 2, 2, processes=4), outside(4)], 36, True),
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
