"""The table and its headline, as people read them."""

from __future__ import annotations

from policies.budget.demand import OneOffTasks, ServiceTasks, Workload
from policies.budget.supply import Supply
from policies.budget.table import budget_table, headline
from policies.budget.verdict import Budget

SUPPLY = Supply(max_connections=60, estimated=False, source="literal in g")


def test_connections_outside_the_pool_have_a_column_where_there_are_any() -> None:
    api = Workload(name="api", limit=5, processes=2, outside_pool=1, tasks=ServiceTasks(desired=1))
    migrate = Workload(name="migrate", limit=1, tasks=OneOffTasks(count=1))
    found = Budget(database="db", workloads=(api, migrate), supply=SUPPLY, reserve=2)
    assert headline(found) == "db: 25 of 60 connections, 35 to spare"
    assert budget_table(found).splitlines() == [
        "workload         limit  pools  outside  tasks  demand  tasks alive at once",
        "-" * 107,
        "api                  5    x 2      + 1    x 2      22  at most 1, rolling 200 %",
        "migrate              1    x 1      + 0    x 1       1  started by hand, as declared",
        "-" * 107,
        "demand                                             23  most connections that all workloads can open at once",
        "reserve                                             2  kept for administrators and RDS",
        "max_connections                                    60  literal in g",
        "headroom                                           35  left over",
    ]


def test_a_database_without_clients_still_has_a_table() -> None:
    found = Budget(database="db", workloads=(), supply=SUPPLY, reserve=61)
    assert headline(found) == "db: 61 of 60 connections, 1 too many"
    assert budget_table(found).splitlines()[-1].split() == ["headroom", "-1", "too", "few"]
