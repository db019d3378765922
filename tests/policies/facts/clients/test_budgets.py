"""The policy `connection-budget`: the verdicts on both stages, the whole message, equal names."""

from typing import Any

from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.graph import Graph
from policies.rules.budget.connection_budget import fitting_budgets


def test_the_dev_stage_uses_53_of_60(shop: Any) -> None:
    entry = shop.budget()
    assert [(row.name, row.limit, row.alive, row.demand) for row in entry.budget.workloads] == [
        ("dev-datalab-api", 5, 2, 10),
        ("dev-legacy-api", 5, 2, 10),
        ("dev-tracking-api", 10, 2, 20),
        ("dev-category-batch", 2, 2, 4),
        ("dev-ranking-batch", 2, 2, 4),
    ]
    assert (entry.budget.used, entry.budget.supply.max_connections, entry.budget.headroom) == (53, 60, 7)
    assert entry.urns[0] == shop.urn(tokens.SERVICE, "dev-datalab-api")
    assert shop.messages() == []


def test_the_prd_stage_uses_1172_of_2540(stack: Any) -> None:
    stack.database("prd-db", max_connections="2540", instance_class="db.r5.xlarge", reserve="20")
    for name, maximum in (("datalab", 6), ("tracking", 6), ("legacy", 4)):
        stack.service(name, limit="32", desired=2, maximum=maximum, environment={"DB_HOST": "db.internal"})
    stack.job("ranking", limit="32")
    stack.job("category", limit="32", expression="cron(0 * * * ? *)", minutes="40")
    budget = stack.budget().budget
    assert [row.demand for row in budget.workloads] == [384, 256, 384, 64, 64]
    assert (budget.used, budget.headroom) == (1172, 1368)
    assert stack.messages(strict=True) == []


def test_a_broken_budget_is_answered_with_the_table_and_every_way_out(shop: Any) -> None:
    shop.service("dev-tracking-api", limit="20", maximum=1, environment={"DB_HOST": "db.internal"})
    assert shop.messages() == [
        """\
dev-db: 73 of 60 connections, 13 too many.

workload            limit  pools  tasks  demand  tasks alive at once
-------------------------------------------------------------------------
dev-datalab-api         5    x 1    x 2      10  at most 1, rolling 200 %
dev-legacy-api          5    x 1    x 2      10  at most 1, rolling 200 %
dev-tracking-api       20    x 1    x 2      40  at most 1, rolling 200 %
dev-category-batch      2    x 1    x 2       4  1 every 1 h, runs 40 min
dev-ranking-batch       2    x 1    x 2       4  1 every 24 h, runs 3 h
-------------------------------------------------------------------------
demand                                       68  all workloads at once
reserve                                       5  administrators and RDS
max_connections                              60  literal in
                                                 dev-db-parameters
headroom                                    -13  too few

Required: demand and reserve together at most max_connections, 60; beyond it MySQL refuses clients with error 1040, \
"Too many connections".
How to fix it, each of these alone is enough:
  - dev-db: max_connections 73 in dev-db-parameters (now 60)
  - dev-tracking-api: DB_CONN_LIMIT of container "app" at most 13 (now 20)
  - dev-db: db.t4g.small (now db.t4g.micro) with max_connections 73 in dev-db-parameters (now 60)"""
    ]


def test_only_a_budget_that_holds_is_shown_as_fitting(shop: Any) -> None:
    assert (
        next(fitting_budgets(Facts(shop.graph()))) == "Connection budget of dev-db: 53 of 60 connections, 7 to spare."
    )
    shop.service("dev-tracking-api", limit="20", maximum=1, environment={"DB_HOST": "db.internal"})
    assert list(fitting_budgets(Facts(shop.graph()))) == []
    shop.service("dev-tracking-api", limit="ten", maximum=1, environment={"DB_HOST": "db.internal"})
    assert list(fitting_budgets(Facts(shop.graph()))) == []


def test_two_services_of_one_name_in_two_clusters_count_twice(stack: Any) -> None:
    stack.database()
    first = stack.service("api", environment={"DB_HOST": "x"})
    old = stack.resources[first]
    stack.add(tokens.SERVICE, "api-2", {**old.props, "cluster": "other"}, **old.property_dependencies)
    assert stack.budget().budget.demand == 20


def test_an_empty_stack_has_no_budget() -> None:
    assert Facts(Graph(())).budgets == ()
