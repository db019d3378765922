"""Databases: which parameter group holds, what is undecided about supply and reserve, Aurora, proxies, replicas."""

from typing import Any

import pytest

from policies.facts.database.databases import Database, read_databases
from policies.facts.database.parameter_groups import engine_of, engine_version
from policies.facts.facts import Facts
from policies.resources import tokens
from policies.resources.outcomes import Present
from policies.rules.budget.class_memory import max_connections_fits_class
from policies.rules.budget.idle_timeouts import wait_timeout
from tests.policies.judging import judged


def only(stack: Any) -> Database:
    (database,) = read_databases(stack.graph())
    return database


def problems(stack: Any) -> list[str]:
    return [finding.message for finding in only(stack).findings]


def admits(stack: Any) -> tuple[int, str]:
    supply = only(stack).supply
    assert supply is not None, only(stack).findings
    return supply.max_connections, supply.source


def test_the_group_that_the_instance_uses_counts_and_not_another(stack: Any) -> None:
    stack.database("db", max_connections="60")
    stack.add(tokens.PARAMETER_GROUP, "old", {"name": "old", "parameters": [{"name": "max_connections", "value": "1"}]})
    assert admits(stack) == (60, "literal in db-parameters")
    stack.change(stack.urn(tokens.DB_INSTANCE, "db"), parameterGroupName="old")
    assert admits(stack) == (1, "literal in old")


def test_a_number_that_is_no_string_is_read_too(stack: Any) -> None:
    stack.database("db")
    group = stack.urn(tokens.PARAMETER_GROUP, "db")
    stack.change(group, parameters=[{"name": "max_connections", "value": 70.0}])
    assert admits(stack) == (70, "literal in db-parameters")
    stack.change(group, parameters=[{"name": "Max_Connections", "value": "70"}])
    assert admits(stack) == (70, "literal in db-parameters")


@pytest.mark.parametrize("name", [None, "default.mysql8.4", "UNKNOWN"])
def test_aws_default_group_gives_an_estimate(stack: Any, unknown: str, name: str | None) -> None:
    stack.add(
        tokens.DB_INSTANCE,
        "db",
        {
            "engine": "mysql",
            "engineVersion": "8.4",
            "instanceClass": "db.m5.large",
            "parameterGroupName": unknown if name == "UNKNOWN" else name,
            "tags": {"budget:reserve": "0"},
        },
    )
    assert admits(stack) == (614, "default of MySQL, estimated low for db.m5.large")


def test_an_estimate_is_not_enough_in_a_strict_stage(stack: Any) -> None:
    stack.database("db", max_connections=None)
    assert stack.messages() == []
    assert stack.messages(strict=True) == [
        "db: max_connections is an estimate (58, default of MySQL, estimated low for db.t4g.micro). Required: a literal in "
        "this stage, so that the number does not move with the class or the engine. Set max_connections in its DB parameter group, "
        "at least 5."
    ]


UNDECIDED = "db: its connection budget is undecided: "


def reported(why: str) -> str:
    """The message of a reason, which may say itself that something is undecided."""
    return f"{UNDECIDED.removesuffix('undecided: ') if why.startswith('undecided') else UNDECIDED}{why}."


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"engine": "UNKNOWN"}, "undecided at preview: engine of {urn}"),
        ({"engine": None}, "undecided: engine of {urn} is absent, a value is required"),
        ({"engine": 5}, "undecided: engine of {urn} is a number, a string is required"),
        ({"instanceClass": "UNKNOWN"}, "undecided at preview: instanceClass of {urn}"),
        (
            {"engine": "oracle-ee"},
            'undecided: max_connections of {urn} cannot be determined: max_connections of the engine "oracle-ee" is not known; known '
            "are mysql, mariadb, postgres, aurora-mysql, aurora-postgresql",
        ),
        (
            {"parameterGroupName": "elsewhere"},
            'undecided: parameterGroupName of {urn} is "elsewhere", which is no group of this stack: its parameters are not known: '
            "use one of the stack",
        ),
        (
            {"parameterGroupName": 5},
            "undecided: parameterGroupName of {urn} is a number, a string is required: give the database a parameter group of "
            "this stack with a literal max_connections",
        ),
        (
            {"tags": None},
            'tags["budget:reserve"] is absent: declare how many connections stay free for administrators and RDS',
        ),
        ({"tags": "UNKNOWN"}, "undecided at preview: tags of {urn}"),
        (
            {"tags": {"budget:reserve": "-1"}},
            'undecided: tags["budget:reserve"] of {urn} is -1, an integer from 0 to 1000000 is required',
        ),
    ],
)
def test_what_leaves_a_database_undecided(stack: Any, unknown: str, changes: dict[str, Any], why: str) -> None:
    urn = stack.database("db")
    group = stack.resources[urn].property_dependencies
    stack.change(urn, **{key: unknown if value == "UNKNOWN" else value for key, value in changes.items()})
    if changes.get("parameterGroupName"):
        old = stack.resources[urn]
        stack.add(old.type, old.name, old.props, vpcSecurityGroupIds=group["vpcSecurityGroupIds"])
    assert problems(stack) == [reported(why.format(urn=urn))]


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ("UNKNOWN", "undecided at preview: parameters of {group}"),
        ({}, "undecided: parameters of {group} is an object, a list is required"),
        (["UNKNOWN"], "undecided at preview: parameters[0] of {group}"),
        (["max_connections"], "undecided: parameters[0] of {group} is a string, an object is required"),
        (
            [{"name": "max_connections", "value": "UNKNOWN"}],
            "undecided at preview: parameters[0].value of {group}",
        ),
        ([{"name": "max_connections"}], "undecided: parameters[0].value of {group} is absent, a value is required"),
        (
            [{"name": "max_connections", "value": True}],
            "undecided: parameters[0].value of {group} is a boolean, a string is required",
        ),
        ([{"name": "UNKNOWN", "value": "60"}], "undecided at preview: parameters[0].name of {group}"),
        ([{"value": "60"}], "undecided: parameters[0].name of {group} is absent, a value is required"),
        (
            [{"name": "max_connections", "value": "600"}, {"name": "max_connections", "value": "60"}],
            'undecided: parameters of the parameter group "db-parameters" of {urn} holds max_connections twice, with 60 and 600, '
            "and which one RDS takes is not known",
        ),
        (
            [{"name": "max_connections", "value": "0"}],
            "undecided: max_connections of {urn} cannot be determined: max_connections is 0 in db-parameters; MySQL takes 1 to 100000",
        ),
    ],
)
def test_parameters_that_cannot_be_read(stack: Any, unknown: str, parameters: Any, why: str) -> None:
    def planted(value: Any) -> Any:
        if isinstance(value, list):
            return [planted(item) for item in value]
        if isinstance(value, dict):
            return {key: planted(item) for key, item in value.items()}
        return unknown if value == "UNKNOWN" else value

    urn = stack.database("db")
    group = stack.urn(tokens.PARAMETER_GROUP, "db")
    stack.change(group, parameters=planted(parameters))
    assert problems(stack) == [reported(why.format(urn=urn, group=group))]


def test_a_replica_has_the_engine_of_what_it_replicates(stack: Any, unknown: str) -> None:
    primary = stack.database("primary")
    replica = stack.database("replica")
    old = stack.resources[replica]
    changed = {**old.props, "engine": unknown, "engineVersion": unknown, "replicateSourceDb": unknown}
    stack.add(old.type, "replica", changed, replicateSourceDb=(primary,), **old.property_dependencies)
    graph = stack.graph()
    assert engine_of(graph, graph.get(replica)) == Present("mysql")
    assert engine_version(graph, graph.get(replica)) == "8.4"
    assert judged(wait_timeout, graph) == []
    assert [message for message in stack.messages() if message.startswith("replica")] == []


def test_a_replica_without_a_parameter_group_has_that_of_its_source(stack: Any) -> None:
    """Its budget is its own: it admits what its source admits, and only who is tagged for it, or given its host, counts."""
    primary = stack.database("primary", max_connections=60)
    replica = stack.database("replica")
    old = stack.resources[replica]
    props = {
        key: value for key, value in old.props.items() if key not in ("parameterGroupName", "engine", "engineVersion")
    }
    groups = {"vpcSecurityGroupIds": old.property_dependencies["vpcSecurityGroupIds"]}
    stack.add(old.type, "replica", {**props, "replicateSourceDb": "primary"}, replicateSourceDb=(primary,), **groups)
    found = {database.name: database for database in Facts(stack.graph()).databases}["replica"]
    assert (found.supply.max_connections, found.findings, found.port) == (60, (), 3306)
    elsewhere = {**props, "replicateSourceDb": "arn:aws:rds:us-east-1:123456789012:db:primary"}
    stack.add(old.type, "replica", elsewhere, replicateSourceDb=(primary,), **groups)
    found = {database.name: database for database in Facts(stack.graph()).databases}["replica"]
    assert found.supply.estimated


def cluster(stack: Any, unknown: str, *, member_group: str | None = None) -> str:
    group = stack.add(
        tokens.CLUSTER_PARAMETER_GROUP,
        "aurora",
        {"name": "aurora", "parameters": [{"name": "max_connections", "value": "500"}]},
    )
    urn = stack.add(
        tokens.DB_CLUSTER,
        "aurora",
        {
            "clusterIdentifier": "aurora",
            "engine": "aurora-mysql",
            "engineVersion": "8.0.mysql_aurora.3.08",
            "dbClusterParameterGroupName": unknown,
            "tags": {"budget:reserve": "5"},
        },
        dbClusterParameterGroupName=(group,),
    )
    for name, size in (("writer", "db.r5.xlarge"), ("reader", "db.r5.large")):
        stack.add(
            tokens.DB_CLUSTER_INSTANCE,
            name,
            {
                "clusterIdentifier": unknown,
                "engine": "aurora-mysql",
                "instanceClass": size,
                "dbParameterGroupName": member_group,
            },
            clusterIdentifier=(urn,),
        )
    return urn


def test_an_aurora_cluster_admits_what_its_groups_say_the_members_own_first(stack: Any, unknown: str) -> None:
    urn = cluster(stack, unknown)
    assert admits(stack) == (500, "literal in aurora")
    own = [{"name": "max_connections", "value": "400"}]
    stack.add(tokens.PARAMETER_GROUP, "member", {"name": "member", "parameters": own})
    cluster(stack, unknown, member_group="member")
    assert admits(stack) == (400, "literal in member")
    assert only(stack).urn == urn


def test_an_aurora_cluster_without_a_literal_admits_what_its_smallest_member_does(stack: Any, unknown: str) -> None:
    cluster(stack, unknown)
    stack.change(stack.urn(tokens.CLUSTER_PARAMETER_GROUP, "aurora"), parameters=[])
    assert admits(stack) == (1000, "default of Aurora MySQL, estimated low for db.r5.large")


def test_an_aurora_cluster_without_members_is_undecided(stack: Any) -> None:
    urn = stack.add(tokens.DB_CLUSTER, "db", {"engine": "aurora-mysql", "tags": {"budget:reserve": "5"}})
    assert problems(stack) == [
        reported(
            f"undecided: clusterIdentifier of {urn} is named by no cluster instance of the stack, so its class is not known"
        )
    ]


def test_a_multi_az_cluster_has_one_class_and_one_group(stack: Any, unknown: str) -> None:
    urn = cluster(stack, unknown)
    for name in ("writer", "reader"):
        del stack.resources[stack.urn(tokens.DB_CLUSTER_INSTANCE, name)]
    stack.change(urn, engine="mysql", engineVersion="8.4", dbClusterInstanceClass="db.m6gd.large")
    assert admits(stack) == (500, "literal in aurora")
    stack.change(stack.urn(tokens.CLUSTER_PARAMETER_GROUP, "aurora"), parameters=[])
    assert admits(stack) == (614, "default of MySQL, estimated low for db.m6gd.large")


def test_a_literal_far_above_what_the_class_carries_is_a_violation(stack: Any) -> None:
    urn = stack.database("db", max_connections="170")
    assert judged(max_connections_fits_class, stack.graph()) == []
    stack.database("db", max_connections="171")
    (finding,) = judged(max_connections_fits_class, stack.graph())
    assert (finding.urn, finding.message) == (
        urn,
        "db: max_connections is 171 (literal in db-parameters) on db.t4g.micro. Required: at most 170, 2 times the default of MySQL "
        "for the class's whole memory: beyond it the instance may stop at the status incompatible-parameters. Lower "
        "max_connections or take a larger class.",
    )


def test_a_literal_on_a_class_of_unknown_memory_is_undecided(stack: Any) -> None:
    stack.database("db", instance_class="db.z9.huge")
    (finding,) = judged(max_connections_fits_class, stack.graph())
    assert finding.message == (
        'db: the memory of the class "db.z9.huge" is not known, so whether it carries max_connections 60 is undecided. '
        "Required: a class whose memory is known. Use a class from the pack's table."
    )


@pytest.mark.parametrize("options", [{"max_connections": None}, {"engine": "oracle-ee"}])
def test_estimates_and_undecided_supplies_are_left_to_the_budget(stack: Any, options: dict[str, Any]) -> None:
    stack.database("db", **options)
    assert judged(max_connections_fits_class, stack.graph()) == []
