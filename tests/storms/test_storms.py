"""A platform that passes the budget never sees error 1040, and the budget is not larger than it must be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from policies.budget.demand import JobTasks, ServiceTasks, Workload
from policies.budget.table import budget_table
from policies.budget.verdict import Budget
from tests.storms.logins import capped_logins, uncapped_logins
from tests.storms.platforms import FIRST_SEED, budget_of, random_platform, stage_budget
from tests.storms.pools import PoolClient
from tests.storms.server import Server
from tests.storms.storm import Storm

pytestmark = pytest.mark.slow

TIGHT = 0.95
"""The share of the computed demand that a storm reaches at least."""

SMALL = (
    Workload(name="api", limit=6, tasks=ServiceTasks(desired=2), outside_pool=1),
    Workload(
        name="batch", limit=2, tasks=JobTasks(task_count=1, longest_run=timedelta(hours=3), period=timedelta(days=1))
    ),
)


def weather(server: Server, client: PoolClient, budget: Budget) -> str:
    """One storm over a platform that fits: what must hold for all of them, and the figures for the report."""
    with Storm(server, client, capped_logins(server, budget.workloads), budget.workloads) as storm:
        peak = storm.rise()
        processes, reached = storm.processes, server.most_connections
        assert peak.refused == {}
        assert (server.refused_by_acceptor, server.over_max_connections) == (0, False)
        assert TIGHT * budget.demand <= reached <= budget.demand
        assert peak.number == server.open_connections == reached
        first, rest = storm.end_first_wave(), storm.answer()
        # Pools that were full let the other requests wait: each was answered, none opened a connection of its own.
        pushed = sum(workload.demand - workload.outside_pool * workload.alive for workload in budget.workloads)
        assert first.number + rest.number >= TIGHT * (budget.demand + pushed)
        assert (first.refused, rest.refused) == ({}, {})
        assert server.most_connections == reached
    server.wait_for_connections(0)
    return (
        f"the pools of {processes} processes with {client.name}, {reached} of {budget.demand} computed connections "
        f"({reached / budget.demand:.0%}), max_connections {budget.supply.max_connections}, error 1040: 0"
    )


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + 20))
def test_a_platform_that_passes_the_budget_never_sees_error_1040(
    seed: int, start_server: Callable[..., Server], pool_client: PoolClient, figures: list[str]
) -> None:
    budget = random_platform(seed)
    assert budget.fits
    print(f"seed {seed}\n{budget_table(budget)}")
    figures.append(f"seed {seed}: {weather(start_server(budget), pool_client, budget)}")


def test_the_dev_stage_weathers_its_storm(
    start_server: Callable[..., Server], pool_client: PoolClient, figures: list[str]
) -> None:
    budget, wait_timeout = stage_budget("dev")
    assert budget.fits
    server = start_server(budget, wait_timeout=wait_timeout)
    figures.append(f"stage dev: {weather(server, pool_client, budget)}")


def test_one_connection_over_max_connections_sees_error_1040(
    start_server: Callable[..., Server], each_pool_client: PoolClient
) -> None:
    """At the peak of a platform with nothing to spare the reserve is all that is left, to the last connection.

    The first one over is let in to log in, for it might be an administrator, and then refused. With an administrator in that
    place the next is refused at the door.
    """
    budget = budget_of(SMALL, reserve=3)
    assert budget.headroom == 0
    server = start_server(budget)
    logins = capped_logins(server, budget.workloads)
    server.rows("CREATE USER 'guest'@'%' IDENTIFIED BY 'guest'")
    with Storm(server, each_pool_client, logins, budget.workloads) as storm:
        assert storm.rise().number == budget.demand
        # The observer has one connection of the reserve; the other two go to guests.
        with server.connect("guest", "guest", database=""), server.connect("guest", "guest", database=""):
            assert not server.over_max_connections
            assert server.refusal("guest", "guest") == 1040
            assert (server.over_max_connections, server.refused_by_acceptor) == (True, 0)
            server.wait_for_connections(budget.demand + 2)
            with server.administrator():
                assert server.refusal("guest", "guest") == 1040
                server.wait_for_refusals(1)
        assert storm.answer().refused == {}


def test_a_platform_that_breaks_the_budget_does_see_error_1040(
    start_server: Callable[..., Server], each_pool_client: PoolClient
) -> None:
    """One connection too few is enough. With the observer's, the demand needs one more than the server has here."""
    budget = budget_of(SMALL, reserve=1)
    broken = replace(budget, supply=replace(budget.supply, max_connections=budget.demand))
    assert (budget.headroom, broken.headroom) == (0, -1)
    server = start_server(broken)
    with Storm(server, each_pool_client, uncapped_logins(server, SMALL), SMALL) as storm:
        peak = storm.rise()
        # Whoever logs in while one too many is connected is refused, so it can be more than the one.
        assert peak.refused.keys() == {"1040"}
        assert peak.number + peak.refused["1040"] == budget.demand
        assert server.over_max_connections
