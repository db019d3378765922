"""The policy `connection-budget`: verdicts and messages on whole stacks, and what leaves a budget undecided."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pack import tokens
from pack.connections import DatabaseBudget, UndecidedBudget, judge_connections, read_budgets
from pack.graph import Graph


def messages(stack: Any, *, strict: bool = False) -> list[str]:
    return [finding.message for finding in dict.fromkeys(judge_connections(stack.graph(), strict=strict))]


def only_budget(stack: Any) -> DatabaseBudget:
    (entry,) = read_budgets(stack.graph())
    assert isinstance(entry, DatabaseBudget), entry
    return entry


def undecided(name: str, why: str) -> str:
    return f"{name}: {why}. Its connections cannot be counted."


def bad_limit(name: str, why: str) -> str:
    return undecided(name, why) + " Set DB_CONN_LIMIT to a positive integer in the container's environment."


def test_the_dev_stage_uses_53_of_60(shop: Any) -> None:
    entry = only_budget(shop)
    assert [(row.name, row.limit, row.alive, row.demand) for row in entry.budget.workloads] == [
        ("dev-datalab-api", 5, 2, 10),
        ("dev-legacy-api", 5, 2, 10),
        ("dev-tracking-api", 10, 2, 20),
        ("dev-category-batch", 2, 2, 4),
        ("dev-ranking-batch", 2, 2, 4),
    ]
    assert (entry.budget.used, entry.budget.supply.max_connections, entry.budget.headroom) == (53, 60, 7)
    assert entry.urns[0] == shop.urn(tokens.SERVICE, "dev-datalab-api")
    assert messages(shop) == []


def test_the_prd_stage_uses_1172_of_2540(stack: Any) -> None:
    stack.database("prd-db", max_connections="2540", instance_class="db.r5.xlarge", reserve="20")
    for name, maximum in (("datalab", 6), ("tracking", 6), ("legacy", 4)):
        stack.service(name, limit="32", desired=2, maximum=maximum, environment={"DB_HOST": "db.internal"})
    stack.job("ranking", limit="32")
    stack.job("category", limit="32", expression="cron(0 * * * ? *)", minutes="40")
    budget = only_budget(stack).budget
    assert [row.demand for row in budget.workloads] == [384, 256, 384, 64, 64]
    assert (budget.used, budget.headroom) == (1172, 1368)
    assert messages(stack, strict=True) == []


def test_a_broken_budget_is_answered_with_the_table_and_every_way_out(shop: Any) -> None:
    shop.service("dev-tracking-api", limit="20", maximum=1, environment={"DB_HOST": "db.internal"})
    assert messages(shop) == [
        """\
dev-db: 73 of 60 connections, 13 too many.

workload            limit  pools  tasks  demand  tasks alive at once
-----------------------------------------------------------------------------------------------------
dev-datalab-api         5    x 1    x 2      10  at most 1, rolling 200 %
dev-legacy-api          5    x 1    x 2      10  at most 1, rolling 200 %
dev-tracking-api       20    x 1    x 2      40  at most 1, rolling 200 %
dev-category-batch      2    x 1    x 2       4  1 every 1 h, runs 40 min
dev-ranking-batch       2    x 1    x 2       4  1 every 24 h, runs 3 h
-----------------------------------------------------------------------------------------------------
demand                                       68  most connections that all workloads can open at once
reserve                                       5  kept for administrators and RDS
max_connections                              60  literal in dev-db-parameters
headroom                                    -13  too few

Required: demand and reserve together at most max_connections, 60. Beyond it the database refuses clients with error 1040, \
Too many connections; roll-outs, autoscaling and overlapping jobs get there first.
How to fix it, each of these alone is enough:
  - dev-tracking-api: DB_CONN_LIMIT at most 13 (now 20)
  - dev-db: max_connections 73 on db.t4g.small, whose memory covers it"""
    ]


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ("", 'is "" (empty), which mysql2 takes for no limit'),
        ("0", 'is "0", which mysql2 takes for no limit'),
        (" 5", 'is " 5", with white space around it; a plain positive integer is required'),
        ("5.0", 'is "5.0", no whole number; a positive integer in digits is required'),
        ("ten", 'is "ten", no whole number; a positive integer in digits is required'),
        ("-5", 'is "-5", a negative number; a positive integer is required'),
    ],
)
def test_a_limit_that_is_no_positive_integer_is_a_violation(shop: Any, limit: str, why: str) -> None:
    shop.service("dev-legacy-api", limit=limit, maximum=1)
    assert messages(shop) == [bad_limit("dev-legacy-api", f'DB_CONN_LIMIT of container "app" {why}')]


def test_a_limit_that_is_a_secret_is_a_violation(shop: Any) -> None:
    shop.service("dev-legacy-api", limit=None, secrets=("DB_CONN_LIMIT",))
    assert messages(shop) == [
        bad_limit("dev-legacy-api", 'DB_CONN_LIMIT of container "app" is a secret, whose value is unknown')
    ]


@pytest.mark.parametrize("how", ["variable", "secret", "url"])
def test_a_client_without_a_limit_is_a_violation(shop: Any, how: str) -> None:
    declared: dict[str, Any] = {
        "variable": {"environment": {"DB_HOST": "db.internal"}},
        "secret": {"secrets": ("DB_PASSWORD",)},
        "url": {"secrets": ("DATABASE_URL",)},
    }[how]
    shop.service("dev-gateway", limit=None, **declared)
    assert messages(shop) == [bad_limit("dev-gateway", 'container "app" uses the database without DB_CONN_LIMIT')]


def test_a_workload_whose_security_group_is_let_in_needs_a_limit(shop: Any) -> None:
    shop.opens(shop.urn(tokens.SECURITY_GROUP, "dev-db"), shop.urn(tokens.SECURITY_GROUP, "dev-gateway"))
    assert messages(shop) == [
        bad_limit("dev-gateway", "it can reach a database, and no container declares DB_CONN_LIMIT (containers: app)")
    ]


def test_a_rule_for_another_port_lets_nobody_at_the_database(shop: Any) -> None:
    shop.opens(shop.urn(tokens.SECURITY_GROUP, "dev-db"), shop.urn(tokens.SECURITY_GROUP, "dev-gateway"), port=22)
    assert messages(shop) == []


def test_an_address_range_lets_every_workload_at_the_database(shop: Any, unknown: str) -> None:
    rule = {"securityGroupId": unknown, "cidrIpv4": "10.0.0.0/8", "fromPort": 0, "toPort": 65535, "ipProtocol": "tcp"}
    shop.add(tokens.INGRESS_RULE, "wide", rule, securityGroupId=(shop.urn(tokens.SECURITY_GROUP, "dev-db"),))
    assert messages(shop) == [
        bad_limit("dev-gateway", "it can reach a database, and no container declares DB_CONN_LIMIT (containers: app)")
    ]


def test_inline_and_older_rules_are_read_too(shop: Any, unknown: str) -> None:
    database, gateway = (shop.urn(tokens.SECURITY_GROUP, name) for name in ("dev-db", "dev-gateway"))
    inline = {"ingress": [{"fromPort": 3306, "toPort": 3306, "protocol": "tcp", "securityGroups": [unknown]}]}
    shop.add(tokens.SECURITY_GROUP, "dev-db", {"id": unknown, **inline}, ingress=(gateway,))
    expected = [
        bad_limit("dev-gateway", "it can reach a database, and no container declares DB_CONN_LIMIT (containers: app)")
    ]
    assert messages(shop) == expected
    shop.add(tokens.SECURITY_GROUP, "dev-db", {"id": unknown, "ingress": unknown})
    assert messages(shop) == []
    ports = {"type": "ingress", "fromPort": 3306, "toPort": 3306, "protocol": "tcp"}
    shop.add(
        tokens.SECURITY_GROUP_RULE,
        "old",
        {**ports, "securityGroupId": unknown, "sourceSecurityGroupId": unknown},
        securityGroupId=(database,),
        sourceSecurityGroupId=(gateway,),
    )
    assert messages(shop) == expected


def test_unknown_container_definitions_are_a_violation(shop: Any, unknown: str) -> None:
    definition = shop.urn(tokens.TASK_DEFINITION, "dev-gateway")
    shop.change(definition, containerDefinitions=unknown)
    assert messages(shop) == [
        undecided("dev-gateway", f"undecided at preview: containerDefinitions of {definition}"),
    ]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (
            "{",
            "containerDefinitions of {urn} is no JSON: Expecting property name enclosed in double quotes at line 1 column 2",
        ),
        ("{}", "containerDefinitions of {urn} is no JSON list of containers"),
        ("[1]", "containerDefinitions[0] of {urn} is no object"),
        ('[{"name": 1}]', "containerDefinitions[0].name of {urn} is no string"),
        ('[{"name": "a", "environment": {}}]', "containerDefinitions[0].environment of {urn} is no list"),
        (
            '[{"name": "a", "environment": [1]}]',
            "containerDefinitions[0].environment of {urn} holds an entry without a name",
        ),
        ("[" * 100_000, "containerDefinitions of {urn} is no JSON that can be read: RecursionError"),
        (7, "containerDefinitions of {urn} is a number, a string is required"),
    ],
)
def test_container_definitions_that_cannot_be_read_are_a_violation(shop: Any, document: Any, why: str) -> None:
    definition = shop.urn(tokens.TASK_DEFINITION, "dev-gateway")
    shop.change(definition, containerDefinitions=document)
    assert messages(shop) == [undecided("dev-gateway", f"undecided: {why.format(urn=definition)}")]


def test_absent_container_definitions_are_a_violation(shop: Any) -> None:
    definition = shop.urn(tokens.TASK_DEFINITION, "dev-gateway")
    shop.change(definition, containerDefinitions=None)
    assert messages(shop) == [
        undecided("dev-gateway", f"undecided: containerDefinitions of {definition} is absent, a value is required")
    ]


def test_a_service_without_a_task_definition_of_the_stack_is_a_violation(shop: Any) -> None:
    service = shop.add(tokens.SERVICE, "lost", {"name": "lost", "taskDefinition": "elsewhere:3", "desiredCount": 1})
    assert messages(shop) == [
        undecided(
            "lost",
            f"undecided: taskDefinition of {service} names no task definition of this stack, so what it runs is not known: "
            "name one by its family or ARN",
        )
    ]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"desiredCount": "UNKNOWN"}, "desiredCount"),
        ({"deploymentMaximumPercent": "UNKNOWN"}, "deploymentMaximumPercent"),
        ({"schedulingStrategy": "UNKNOWN"}, "schedulingStrategy"),
        ({"deploymentController": "UNKNOWN"}, "deploymentController"),
    ],
)
def test_an_unknown_part_of_a_client_is_a_violation(
    shop: Any, unknown: str, changes: dict[str, str], where: str
) -> None:
    service = shop.urn(tokens.SERVICE, "dev-legacy-api")
    shop.change(service, **dict.fromkeys(changes, unknown))
    assert messages(shop) == [undecided("dev-legacy-api", f"undecided at preview: {where} of {service}")]


def test_an_unknown_strategy_is_bounded_by_a_rolling_deployment(shop: Any, unknown: str) -> None:
    shop.change(
        shop.urn(tokens.SERVICE, "dev-legacy-api"), deploymentConfiguration=unknown, deploymentMaximumPercent=300
    )
    assert only_budget(shop).budget.workloads[1].alive == 3


@pytest.mark.parametrize(
    ("options", "alive"),
    [
        ({"desired": 3}, 6),
        ({"desired": 1, "maximum": 4}, 8),
        ({"desired": 1, "maximum": 4, "scheduled": 9}, 18),
        ({"desired": None, "maximum": 4}, 8),
        ({"desired": 3, "percent": 100}, 6),
        ({"desired": 3, "percent": 250}, 7),
        ({"desired": 3, "percent": 400, "strategy": "BLUE_GREEN"}, 6),
        ({"desired": 3, "percent": 400, "controller": "CODE_DEPLOY"}, 6),
        ({"desired": 3, "tags": {"budget:overlapping-deployments": "true"}}, 9),
    ],
)
def test_the_tasks_alive_follow_from_the_resources(stack: Any, options: dict[str, Any], alive: int) -> None:
    stack.database(max_connections="1000")
    stack.service("api", environment={"DB_HOST": "x"}, **options)
    assert only_budget(stack).budget.workloads[0].alive == alive


@pytest.mark.parametrize(
    ("options", "alive"),
    [
        ({}, 2),
        ({"count": 3}, 6),
        ({"count": None}, 2),
        ({"expression": "rate(1 hour)", "minutes": "61"}, 3),
        (
            {
                "expression": "rate(1 hour)",
                "minutes": "40",
                "window": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 30},
            },
            3,
        ),
        ({"expression": "rate(1 hour)", "minutes": "40", "retries": None}, 26),
        ({"expression": "rate(1 hour)", "minutes": "40", "retries": 1}, 26),
        ({"expression": "at(2030-01-01T00:00:00)"}, 2),
    ],
)
def test_the_tasks_of_a_job_follow_from_its_schedule(stack: Any, options: dict[str, Any], alive: int) -> None:
    stack.database(max_connections="1000")
    stack.job("job", **options)
    assert only_budget(stack).budget.workloads[0].alive == alive


def test_a_job_without_a_longest_run_has_no_bound(stack: Any) -> None:
    stack.database()
    job = stack.job("job", minutes=None)
    assert messages(stack) == [
        undecided(
            "job",
            f'undecided: tags["budget:longest-run-minutes"] of the task definition of {job} is absent: ECS ends no task for '
            "running long, so without a declared longest run its tasks have no bound",
        )
    ]


def test_a_schedule_that_overrides_the_limit_is_believed(stack: Any) -> None:
    stack.database()
    override = {"containerOverrides": [{"name": "app", "environment": [{"name": "DB_CONN_LIMIT", "value": "9"}]}]}
    stack.job("job", limit="2", override=json.dumps(override))
    assert only_budget(stack).budget.workloads[0].limit == 9


def test_processes_pools_and_what_is_outside_the_pool_count(stack: Any) -> None:
    stack.database()
    tags = {"budget:processes": "2", "budget:pools-per-process": "3", "budget:outside-pool": "1"}
    stack.service("api", environment={"DB_HOST": "x"}, tags=tags)
    assert only_budget(stack).budget.workloads[0].demand == (5 * 2 * 3 + 1) * 2


def test_a_malformed_declaration_is_a_violation(stack: Any) -> None:
    stack.database()
    service = stack.service("api", environment={"DB_HOST": "x"}, tags={"budget:processes": "0"})
    assert messages(stack) == [
        undecided(
            "api",
            f'undecided: tags["budget:processes"] of {service} is 0, a whole number from 1 to 1000000 is required',
        )
    ]


def test_a_second_pool_must_be_declared(stack: Any) -> None:
    stack.database()
    variables = {"DB_HOST": "x", "DB_REPLICA_HOST": "y"}
    service = stack.service("api", environment=variables)
    assert messages(stack) == [
        undecided(
            "api",
            f'undecided: tags["budget:pools-per-process"] of the task definition of {service} is absent, but DB_REPLICA_HOST '
            "tells of a second pool: declare how many pools a process has",
        )
    ]
    stack.service("api", environment=variables, tags={"budget:pools-per-process": "2"})
    assert only_budget(stack).budget.demand == 20


def test_every_container_that_uses_the_database_counts(stack: Any) -> None:
    stack.database()
    stack.service("api")
    limit = [{"name": "DB_CONN_LIMIT", "value": "3"}]
    containers = [{"name": "app", "environment": limit}, {"name": "worker", "environment": limit}, {"name": "proxy"}]
    stack.change(stack.urn(tokens.TASK_DEFINITION, "api"), containerDefinitions=json.dumps(containers))
    assert only_budget(stack).budget.workloads[0].limit == 6


def test_a_task_definition_that_nothing_runs_must_say_how_many_are_started_by_hand(stack: Any) -> None:
    stack.database()
    definition = stack.definition("migrate")
    assert messages(stack) == [
        undecided(
            "migrate",
            f'undecided: tags["budget:one-off-tasks"] of {definition} is absent although no service and no schedule of the '
            "stack runs it: declare how many copies are started by hand at once, 0 for none",
        )
    ]
    stack.definition("migrate", tags={"budget:one-off-tasks": "2"})
    assert only_budget(stack).budget.demand == 10


def test_two_services_of_one_name_in_two_clusters_count_twice(stack: Any) -> None:
    stack.database()
    first = stack.service("api", environment={"DB_HOST": "x"})
    old = stack.resources[first]
    stack.add(tokens.SERVICE, "api-2", {**old.props, "cluster": "other"}, **old.property_dependencies)
    assert only_budget(stack).budget.demand == 20


def test_a_rule_target_counts_with_its_rules_schedule(stack: Any, unknown: str) -> None:
    stack.database()
    definition = stack.definition("job", tags={"budget:longest-run-minutes": "30"})
    rule = stack.add(tokens.EVENT_RULE, "hourly", {"name": "hourly", "scheduleExpression": "rate(1 hour)"})
    target = {"rule": "hourly", "ecsTarget": {"taskDefinitionArn": unknown, "taskCount": 2}}
    retry = {"retryPolicy": {"maximumRetryAttempts": 0}}
    urn = stack.add(tokens.EVENT_TARGET, "job", {**target, **retry}, ecsTarget=(definition,), rule=(rule,))
    assert only_budget(stack).budget.workloads[0].alive == 4
    stack.change(rule, scheduleExpression=None, eventPattern="{}")
    assert messages(stack) == [
        undecided(
            "job",
            f"undecided: rule of {urn} is no schedule of this stack: nothing bounds how often events start the tasks",
        )
    ]


def test_several_databases_have_a_budget_each(stack: Any) -> None:
    for name in ("orders", "users"):
        stack.database(name)
        stack.service(f"{name}-api", environment={"DB_HOST": f"{name}.internal"})
        stack.opens(stack.urn(tokens.SECURITY_GROUP, name), stack.urn(tokens.SECURITY_GROUP, f"{name}-api"))
    entries = read_budgets(stack.graph())
    found = [
        (entry.database, [w.name for w in entry.budget.workloads])
        for entry in entries
        if isinstance(entry, DatabaseBudget)
    ]
    assert found == [("orders", ["orders-api"]), ("users", ["users-api"])]


def test_a_client_of_none_or_two_of_several_databases_is_named(stack: Any) -> None:
    stack.database("orders")
    stack.database("users")
    stack.service("api", environment={"DB_HOST": "elsewhere"})
    none = (
        "api: it declares DB_* variables, but reaches no database of this stack by its security group or by a host (databases "
        'here: orders, users): tag its task definition "budget:database" with the one it uses. Its connections cannot be counted.'
    )
    assert messages(stack) == [none]
    for name in ("orders", "users"):
        stack.opens(stack.urn(tokens.SECURITY_GROUP, name), stack.urn(tokens.SECURITY_GROUP, "api"))
    assert messages(stack) == [
        'api: it reaches several databases (orders, users): tag its task definition "budget:database" with the one it uses. '
        "Its connections cannot be counted."
    ]
    stack.service("api", environment={"DB_HOST": "elsewhere"}, tags={"budget:database": "users"})
    assert [len(e.budget.workloads) for e in read_budgets(stack.graph()) if isinstance(e, DatabaseBudget)] == [0, 1]


def test_a_host_that_a_dns_record_gives_to_a_database_names_it(stack: Any, unknown: str) -> None:
    instance = stack.database("orders")
    stack.database("users")
    stack.add(tokens.DNS_RECORD, "orders", {"name": "orders.internal", "records": [unknown]}, records=(instance,))
    stack.service("api", environment={"DB_HOST": "orders.internal"})
    entries = read_budgets(stack.graph())
    assert [len(e.budget.workloads) for e in entries if isinstance(e, DatabaseBudget)] == [1, 0]


def test_a_client_without_any_database_is_named(stack: Any) -> None:
    stack.service("api", environment={"DB_HOST": "elsewhere"})
    assert messages(stack) == [
        "api: it declares DB_* variables, but reaches no database of this stack by its security group or by a host (databases "
        'here: none): tag its task definition "budget:database" with the one it uses. Its connections cannot be counted.'
    ]


def test_an_existing_database_is_taken_as_its_component_declares_it(stack: Any, unknown: str) -> None:
    outputs = {"existing": True, "host": "old.internal", "port": 3306, "maxConnections": 100, "reserve": 5}
    component = stack.add(tokens.DATABASE_COMPONENT, "dev", {**outputs, "securityGroupId": "sg-1"})
    stack.service("api", environment={"DB_HOST": "old.internal"})
    budget = only_budget(stack).budget
    assert (budget.database, budget.used, budget.headroom) == ("old", 15, 85)
    assert budget.supply.source == "declared for old.internal, which the stack does not manage"
    stack.change(component, maxConnections=unknown)
    assert messages(stack) == [
        f"old: its connection budget is undecided: undecided at preview: maxConnections of {component}."
    ]
    stack.change(component, existing=False)
    (entry,) = read_budgets(stack.graph())
    assert isinstance(entry, UndecidedBudget)


def test_a_managed_databases_component_is_no_second_database(shop: Any) -> None:
    shop.add(tokens.DATABASE_COMPONENT, "dev", {"existing": False, "maxConnections": 1})
    assert only_budget(shop).database == "dev-db"


def test_an_empty_stack_has_no_budget() -> None:
    assert read_budgets(Graph(())) == ()
