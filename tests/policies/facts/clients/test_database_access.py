"""Which databases a workload can reach: security groups, hosts, declarations; several databases and existing ones."""

from typing import Any

import pytest

from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget
from policies.facts.facts import Facts
from policies.resources import tokens
from policies.rules.budget.class_memory import max_connections_fits_class
from tests.policies.judging import judged
from tests.policies.messages import no_limit, undecided

ELSEWHERE = (
    'declare the database in this stack too, as an existing one (docs/policies.md, "What a program declares"), so that what it '
    "admits is known"
)


def test_a_workload_whose_security_group_is_let_in_needs_a_limit(shop: Any) -> None:
    shop.opens(shop.urn(tokens.SECURITY_GROUP, "dev-db"), shop.urn(tokens.SECURITY_GROUP, "dev-gateway"))
    assert shop.messages() == [
        no_limit("dev-gateway", "it can reach a database, and no container declares DB_CONN_LIMIT (containers: app)")
    ]


def test_a_rule_for_another_port_lets_nobody_at_the_database(shop: Any) -> None:
    shop.opens(shop.urn(tokens.SECURITY_GROUP, "dev-db"), shop.urn(tokens.SECURITY_GROUP, "dev-gateway"), port=22)
    assert shop.messages() == []


def test_an_address_range_lets_every_workload_at_the_database(shop: Any, unknown: str) -> None:
    rule = {"securityGroupId": unknown, "cidrIpv4": "10.0.0.0/8", "fromPort": 0, "toPort": 65535, "ipProtocol": "tcp"}
    shop.add(tokens.INGRESS_RULE, "wide", rule, securityGroupId=(shop.urn(tokens.SECURITY_GROUP, "dev-db"),))
    shop.add("aws:ec2/vpc:Vpc", "dev", {"cidrBlock": "10.0.0.0/8"})
    assert shop.messages() == [
        no_limit("dev-gateway", "it can reach a database, and no container declares DB_CONN_LIMIT (containers: app)")
    ]


def test_inline_and_older_rules_are_read_too(shop: Any, unknown: str) -> None:
    database, gateway = (shop.urn(tokens.SECURITY_GROUP, name) for name in ("dev-db", "dev-gateway"))
    inline = {"ingress": [{"fromPort": 3306, "toPort": 3306, "protocol": "tcp", "securityGroups": [unknown]}]}
    shop.add(tokens.SECURITY_GROUP, "dev-db", {"id": unknown, **inline}, ingress=(gateway,))
    expected = [
        no_limit("dev-gateway", "it can reach a database, and no container declares DB_CONN_LIMIT (containers: app)")
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
    entries = Facts(stack.graph()).budgets
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
        "api: it declares variables of a database (DB_CONN_LIMIT, DB_HOST), but reaches no database of this stack by its security "
        'group or by a host (databases here: orders, users): tag its task definition "budget:database" with the one it uses, or with '
        "several separated by spaces. Its connections cannot be counted."
    )
    assert stack.messages() == [none]
    for name in ("orders", "users"):
        stack.opens(stack.urn(tokens.SECURITY_GROUP, name), stack.urn(tokens.SECURITY_GROUP, "api"))
    assert stack.messages() == [
        'api: it reaches several databases (orders, users): tag its task definition "budget:database" with the one it uses, or with '
        "several separated by spaces. Its connections cannot be counted."
    ]
    stack.service("api", environment={"DB_HOST": "elsewhere"}, tags={"budget:database": "users"})
    assert [len(e.budget.workloads) for e in Facts(stack.graph()).budgets if isinstance(e, DatabaseBudget)] == [0, 1]


def test_a_host_that_a_dns_record_gives_to_a_database_names_it(stack: Any, unknown: str) -> None:
    instance = stack.database("orders")
    stack.database("users")
    stack.add(tokens.DNS_RECORD, "orders", {"name": "orders.internal", "records": [unknown]}, records=(instance,))
    stack.service("api", environment={"DB_HOST": "orders.internal"})
    entries = Facts(stack.graph()).budgets
    assert [len(e.budget.workloads) for e in entries if isinstance(e, DatabaseBudget)] == [1, 0]


def test_a_client_without_any_database_is_named(stack: Any) -> None:
    stack.service("api", environment={"DB_HOST": "elsewhere"})
    assert stack.messages() == [
        "api: it declares variables of a database (DB_CONN_LIMIT, DB_HOST), but reaches no database of this stack by its security "
        f"group or by a host (databases here: none): {ELSEWHERE}. Its connections cannot be counted."
    ]


def test_an_existing_database_is_taken_as_its_component_declares_it(stack: Any, unknown: str) -> None:
    outputs = {"existing": True, "host": "old.internal", "port": 3306, "maxConnections": 100, "reserve": 5}
    component = stack.add(tokens.DATABASE_COMPONENT, "dev", {**outputs, "securityGroupId": "sg-1"})
    stack.service("api", environment={"DB_HOST": "old.internal"})
    budget = stack.budget().budget
    assert (budget.database, budget.used, budget.headroom) == ("old", 15, 85)
    assert budget.supply.source == "declared for old.internal, which the stack does not manage"
    stack.change(component, maxConnections=0, reserve=-1)
    assert stack.messages() == [
        f"old: its connection budget is undecided: reserve of {component} is -1, an integer from 0 on is required.",
        f"old: its connection budget is undecided: maxConnections of {component} is 0, an integer from 1 on is "
        "required.",
    ]
    stack.change(component, maxConnections=unknown, reserve=5)
    assert stack.messages() == [f"old: its connection budget is undecided at preview: maxConnections of {component}."]
    stack.change(component, existing=False)
    (entry,) = Facts(stack.graph()).budgets
    assert isinstance(entry, UndecidedBudget)


def test_an_existing_databases_class_carries_its_max_connections(stack: Any) -> None:
    outputs = {"existing": True, "host": "old.internal", "maxConnections": 100, "reserve": 5, "engine": "mysql"}
    component = stack.add(tokens.DATABASE_COMPONENT, "dev", {**outputs, "instanceClass": "db.t4g.micro"})
    assert judged(max_connections_fits_class, stack.graph()) == []
    stack.change(component, maxConnections=200)
    (finding,) = judged(max_connections_fits_class, stack.graph())
    assert finding.message == (
        "old: max_connections is 200 (declared for old.internal, which the stack does not manage) on db.t4g.micro. Required: at "
        "most 170, 2 times the default of MySQL for the class's whole memory: beyond it the instance may stop at the status "
        "incompatible-parameters. Lower max_connections or take a larger class."
    )


def test_a_managed_databases_component_is_no_second_database(shop: Any) -> None:
    shop.add(tokens.DATABASE_COMPONENT, "dev", {"existing": False, "maxConnections": 1})
    assert shop.budget().database == "dev-db"


def counted(stack: Any) -> dict[str, list[str]]:
    """Database to the workloads in its budget."""
    entries = Facts(stack.graph()).budgets
    return {
        entry.database: [workload.name for workload in entry.budget.workloads]
        for entry in entries
        if isinstance(entry, DatabaseBudget)
    }


@pytest.mark.parametrize("limit", [None, "5"])
def test_a_declared_database_that_the_stack_does_not_have_is_named(stack: Any, limit: str | None) -> None:
    stack.database("orders")
    stack.service("api", limit=limit, tags={"budget:database": "order"})
    stack.opens(stack.urn(tokens.SECURITY_GROUP, "orders"), stack.urn(tokens.SECURITY_GROUP, "api"))
    misnamed = (
        'api: its task definition is tagged "budget:database" with "order", and no database of this stack is called that '
        "(databases here: orders): tag it with the one it uses, or with several separated by spaces. Its connections cannot be counted."
    )
    assert stack.messages()[0] == misnamed
    assert len(stack.messages()) == (1 if limit else 2)


def test_a_declared_database_without_any_in_the_stack_is_named(stack: Any) -> None:
    stack.service("api", limit="5", tags={"budget:database": "orders"})
    assert stack.messages() == [
        'api: its task definition is tagged "budget:database" with "orders", and no database of this stack is called that '
        f"(databases here: none): {ELSEWHERE}. Its connections cannot be counted."
    ]


def test_a_database_is_declared_by_its_identifier_or_its_name_in_the_program(stack: Any, unknown: str) -> None:
    orders, users = stack.database("orders"), stack.database("users")
    stack.change(orders, identifier="orders-1a2b3c4")
    stack.service("api", tags={"budget:database": "orders"})
    assert counted(stack) == {"orders-1a2b3c4": ["api"], "users": []}
    stack.service("api", tags={"budget:database": "orders-1a2b3c4"})
    assert counted(stack) == {"orders-1a2b3c4": ["api"], "users": []}
    definition = stack.resources[stack.definition("api")]
    stack.add(definition.type, "api", {**definition.props, "tags": {"budget:database": unknown}}, tags=(users,))
    assert counted(stack) == {"orders-1a2b3c4": [], "users": ["api"]}


@pytest.mark.parametrize(
    "value",
    [
        "users.internal",
        "Users.internal:3306",
        "mysql://app:pw@users.internal:3306/shop",
        "jdbc:mysql://users.internal/shop",
        "Server=users.internal;Database=shop",
        "host=users.internal dbname=shop",
        "app:pw@tcp(users.internal:3306)/shop",
    ],
)
def test_a_host_within_a_connection_string_tells_the_database(stack: Any, unknown: str, value: str) -> None:
    stack.database("orders")
    users = stack.database("users")
    zone = stack.add(tokens.DNS_ZONE, "internal", {"name": "internal"})
    record = {"name": "users", "zoneId": unknown, "records": [unknown]}
    stack.add(tokens.DNS_RECORD, "users", record, records=(users,), zoneId=(zone,))
    stack.service("api", environment={"DATABASE_URL": value})
    assert counted(stack) == {"orders": [], "users": ["api"]}


def without_groups(stack: Any, groups: list[str] | None) -> None:
    """The database `dev-db` with security groups that are none of the stack's, and with nobody else in them."""
    instance = stack.resources[stack.urn(tokens.DB_INSTANCE, "dev-db")]
    kept = {"parameterGroupName": instance.property_dependencies["parameterGroupName"]}
    tags = {**instance.props["tags"], "budget:elsewhere": "0"}
    props = {**instance.props, "vpcSecurityGroupIds": groups, "tags": tags}
    stack.add(instance.type, instance.name, props, **kept)


def test_a_database_in_another_stacks_group_may_let_anybody_in(shop: Any) -> None:
    without_groups(shop, ["sg-1"])
    why = (
        "it may reach dev-db, whose security group sg-1 is none of this stack, so that its rules are not known, and no container "
        "declares DB_CONN_LIMIT (containers: app)"
    )
    assert shop.messages() == [no_limit("dev-gateway", why)]
    shop.add(tokens.SECURITY_GROUP, "mine", {"id": "sg-1", "ingress": []})
    assert shop.messages() == []


def test_a_group_of_another_stack_beside_one_of_this_one_is_told_apart(shop: Any, unknown: str) -> None:
    instance = shop.urn(tokens.DB_INSTANCE, "dev-db")
    tags = {**shop.resources[instance].props["tags"], "budget:elsewhere": "0"}
    shop.change(instance, vpcSecurityGroupIds=[unknown, "sg-1"], tags=tags)
    (message,) = shop.messages()
    assert message.startswith("dev-gateway: it may reach dev-db, whose security group sg-1 is none of this stack")


def test_a_database_in_the_default_group_may_let_anybody_in(shop: Any) -> None:
    without_groups(shop, None)
    why = (
        "it may reach dev-db, which names no security group and so is in the VPC's default one, and no container declares "
        "DB_CONN_LIMIT (containers: app)"
    )
    assert shop.messages() == [no_limit("dev-gateway", why)]


def test_a_second_group_that_nothing_explains_is_undecided(shop: Any, unknown: str) -> None:
    service = shop.urn(tokens.SERVICE, "dev-gateway")
    shop.change(service, networkConfiguration={"securityGroups": [unknown, unknown]})
    why = f"undecided at preview: securityGroups of {service}, so whether it reaches a database is not known"
    assert shop.messages() == [undecided("dev-gateway", why)]
