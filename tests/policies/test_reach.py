"""Which databases a workload can reach: security groups, hosts, declarations; several databases and existing ones."""

from __future__ import annotations

from typing import Any

from pack import tokens
from pack.class_memory import judge_class_memory
from pack.connections import DatabaseBudget, UndecidedBudget, read_budgets


def undecided(name: str, why: str) -> str:
    return f"{name}: {why}. Its connections cannot be counted."


def bad_limit(name: str, why: str) -> str:
    return undecided(name, why) + " Set DB_CONN_LIMIT to a positive integer in the container's environment."


def test_a_workload_whose_security_group_is_let_in_needs_a_limit(shop: Any) -> None:
    shop.opens(shop.urn(tokens.SECURITY_GROUP, "dev-db"), shop.urn(tokens.SECURITY_GROUP, "dev-gateway"))
    assert shop.messages() == [
        bad_limit("dev-gateway", "it can reach a database, and no container declares DB_CONN_LIMIT (containers: app)")
    ]


def test_a_rule_for_another_port_lets_nobody_at_the_database(shop: Any) -> None:
    shop.opens(shop.urn(tokens.SECURITY_GROUP, "dev-db"), shop.urn(tokens.SECURITY_GROUP, "dev-gateway"), port=22)
    assert shop.messages() == []


def test_an_address_range_lets_every_workload_at_the_database(shop: Any, unknown: str) -> None:
    rule = {"securityGroupId": unknown, "cidrIpv4": "10.0.0.0/8", "fromPort": 0, "toPort": 65535, "ipProtocol": "tcp"}
    shop.add(tokens.INGRESS_RULE, "wide", rule, securityGroupId=(shop.urn(tokens.SECURITY_GROUP, "dev-db"),))
    assert shop.messages() == [
        bad_limit("dev-gateway", "it can reach a database, and no container declares DB_CONN_LIMIT (containers: app)")
    ]


def test_inline_and_older_rules_are_read_too(shop: Any, unknown: str) -> None:
    database, gateway = (shop.urn(tokens.SECURITY_GROUP, name) for name in ("dev-db", "dev-gateway"))
    inline = {"ingress": [{"fromPort": 3306, "toPort": 3306, "protocol": "tcp", "securityGroups": [unknown]}]}
    shop.add(tokens.SECURITY_GROUP, "dev-db", {"id": unknown, **inline}, ingress=(gateway,))
    expected = [
        bad_limit("dev-gateway", "it can reach a database, and no container declares DB_CONN_LIMIT (containers: app)")
    ]
    assert shop.messages() == expected
    shop.add(tokens.SECURITY_GROUP, "dev-db", {"id": unknown, "ingress": unknown})
    assert shop.messages() == []
    ports = {"type": "ingress", "fromPort": 3306, "toPort": 3306, "protocol": "tcp"}
    shop.add(
        tokens.SECURITY_GROUP_RULE,
        "old",
        {**ports, "securityGroupId": unknown, "sourceSecurityGroupId": unknown},
        securityGroupId=(database,),
        sourceSecurityGroupId=(gateway,),
    )
    assert shop.messages() == expected


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
    assert stack.messages() == [none]
    for name in ("orders", "users"):
        stack.opens(stack.urn(tokens.SECURITY_GROUP, name), stack.urn(tokens.SECURITY_GROUP, "api"))
    assert stack.messages() == [
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
    assert stack.messages() == [
        "api: it declares DB_* variables, but reaches no database of this stack by its security group or by a host (databases "
        'here: none): tag its task definition "budget:database" with the one it uses. Its connections cannot be counted.'
    ]


def test_an_existing_database_is_taken_as_its_component_declares_it(stack: Any, unknown: str) -> None:
    outputs = {"existing": True, "host": "old.internal", "port": 3306, "maxConnections": 100, "reserve": 5}
    component = stack.add(tokens.DATABASE_COMPONENT, "dev", {**outputs, "securityGroupId": "sg-1"})
    stack.service("api", environment={"DB_HOST": "old.internal"})
    budget = stack.budget().budget
    assert (budget.database, budget.used, budget.headroom) == ("old", 15, 85)
    assert budget.supply.source == "declared for old.internal, which the stack does not manage"
    stack.change(component, maxConnections=unknown)
    assert stack.messages() == [
        f"old: its connection budget is undecided: undecided at preview: maxConnections of {component}."
    ]
    stack.change(component, existing=False)
    (entry,) = read_budgets(stack.graph())
    assert isinstance(entry, UndecidedBudget)


def test_an_existing_databases_class_carries_its_max_connections(stack: Any) -> None:
    outputs = {"existing": True, "host": "old.internal", "maxConnections": 100, "reserve": 5, "engine": "mysql"}
    component = stack.add(tokens.DATABASE_COMPONENT, "dev", {**outputs, "instanceClass": "db.t4g.micro"})
    assert list(judge_class_memory(stack.graph())) == []
    stack.change(component, maxConnections=200)
    (finding,) = judge_class_memory(stack.graph())
    assert finding.message == (
        "old: max_connections is 200 (declared for old.internal, which the stack does not manage) on db.t4g.micro. Required: at "
        "most 170, 2 times the engine's default for the class's whole memory. Beyond it the instance may stop at the status "
        "incompatible-parameters. Lower max_connections or take a larger class."
    )


def test_a_managed_databases_component_is_no_second_database(shop: Any) -> None:
    shop.add(tokens.DATABASE_COMPONENT, "dev", {"existing": False, "maxConnections": 1})
    assert shop.budget().database == "dev-db"
