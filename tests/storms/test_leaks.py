"""Sessions that an application leaks are gone after wait_timeout, and the platform recovers; after eight hours only, it does not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from policies.budget.demand import JobTasks, ServiceTasks, Workload
from tests.storms.logins import uncapped_logins
from tests.storms.platforms import budget_of
from tests.storms.pools import PoolClient
from tests.storms.server import Server
from tests.storms.storm import Storm

pytestmark = pytest.mark.slow

WORKLOADS = (
    Workload(name="api", limit=5, tasks=ServiceTasks(desired=1)),
    Workload(
        name="batch", limit=2, tasks=JobTasks(task_count=1, longest_run=timedelta(hours=3), period=timedelta(days=1))
    ),
)
BUDGET = budget_of(WORKLOADS, reserve=1)
SHORT, EIGHT_HOURS = 2, 28_800
"""wait_timeout in seconds: shortened as far as a test can wait, and the server's default."""


def test_leaked_sessions_are_gone_after_wait_timeout_and_the_platform_recovers(
    start_server: Callable[..., Server], pool_client: PoolClient
) -> None:
    server = start_server(BUDGET, wait_timeout=SHORT)
    logins = uncapped_logins(server, WORKLOADS)
    # Every connection is taken and never given back, by processes that go on living. Nothing waits in their queues:
    # it would open the next connection in the place of each that the server ends.
    with Storm(server, pool_client, logins, WORKLOADS, push=False) as leaking:
        assert leaking.rise().number == BUDGET.demand
        server.wait_for_connections(0)
        # The timeout was short to be seen; it is not to end the sessions that now stand for a working platform.
        server.rows("SET GLOBAL wait_timeout = 60")
        with Storm(server, pool_client, logins, WORKLOADS) as recovered:
            peak = recovered.rise()
            assert (peak.number, peak.refused) == (BUDGET.demand, {})
            assert recovered.answer().refused == {}


def test_with_the_default_of_eight_hours_leaked_sessions_stay_and_new_tasks_see_error_1040(
    start_server: Callable[..., Server], pool_client: PoolClient
) -> None:
    server = start_server(BUDGET, wait_timeout=EIGHT_HOURS)
    logins = uncapped_logins(server, WORKLOADS)
    with Storm(server, pool_client, logins, WORKLOADS, push=False) as leaking:
        assert leaking.rise().number == BUDGET.demand
        server.wait_for_sleep(SHORT + 1)
        assert server.open_connections == BUDGET.demand
        with Storm(server, pool_client, logins, WORKLOADS) as late:
            peak = late.rise()
            assert (peak.number, peak.refused) == (0, {"1040": BUDGET.demand})
