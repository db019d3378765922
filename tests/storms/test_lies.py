"""A workload that lies about its limit is stopped by its own account, and the others go on; without the SQL it takes everything."""

from collections.abc import Callable

import pytest

from policies.budget.demand import ServiceTasks, Workload
from tests.storms.logins import capped_logins, uncapped_logins
from tests.storms.platforms import budget_of
from tests.storms.pools import PoolClient, Pools, Processes
from tests.storms.server import Server
from tests.storms.storm import Storm

pytestmark = pytest.mark.slow

HONEST = (
    Workload(name="web-api", limit=6, tasks=ServiceTasks(desired=2)),
    Workload(name="tracking-api", limit=4, tasks=ServiceTasks(desired=1)),
)
LIAR = Workload(name="reports", limit=3, tasks=ServiceTasks(desired=1))
TRUE_LIMIT = 8
"""What each pool of the liar opens in truth."""

EXCESS = LIAR.alive * TRUE_LIMIT - LIAR.demand
# An attempt holds one of max_connections until it has logged in, also one that is then refused: the reserve bears them.
BUDGET = budget_of((*HONEST, LIAR), reserve=EXCESS + 1)


def test_the_account_stops_a_workload_that_lies_about_its_limit_while_the_others_go_on(
    start_server: Callable[..., Server], each_pool_client: PoolClient, figures: list[str]
) -> None:
    server = start_server(BUDGET)
    logins = capped_logins(server, BUDGET.workloads)
    with Processes(each_pool_client, server) as lying, Storm(server, each_pool_client, logins, HONEST) as others:
        for _ in range(LIAR.alive):
            lying.add(logins[LIAR.name], Pools(limit=TRUE_LIMIT))
        held, refused = lying.opened()
        assert refused.keys() == {"1226"}
        assert held + refused["1226"] == LIAR.alive * TRUE_LIMIT
        assert 1 <= held <= LIAR.demand
        peak = others.rise()
        assert (peak.number, peak.refused) == (sum(workload.demand for workload in HONEST), {})
        assert others.answer().refused == {}
        assert (server.refused_by_acceptor, server.over_max_connections) == (0, False)
    figures.append(
        f"liar with {each_pool_client.name}: {held} of {LIAR.demand} connections of its share, "
        f"{refused['1226']} attempts refused with 1226; the others held all of their {peak.number}"
    )


def test_without_its_account_the_liar_takes_the_connections_of_the_others(
    start_server: Callable[..., Server], pool_client: PoolClient
) -> None:
    server = start_server(BUDGET)
    logins = uncapped_logins(server, BUDGET.workloads)
    with Processes(pool_client, server) as lying, Storm(server, pool_client, logins, HONEST) as others:
        lying.add(logins[LIAR.name], Pools(limit=BUDGET.supply.max_connections - 1))
        held, refused = lying.opened()
        assert (held, refused) == (BUDGET.supply.max_connections - 1, {})
        peak = others.rise()
        assert peak.number == 0
        assert peak.refused == {"1040": sum(workload.demand for workload in HONEST)}
