"""Clients that are no ECS tasks: what can reach a database is counted as declared, or the budget is undecided."""

from typing import Any

import pytest

from policies.resources import tokens
from tests.policies.conftest import UNKNOWN, StackBuilder

FUNCTION = "aws:lambda/function:Function"
DECLARE = (
    "it can reach db by its security groups, and what it opens cannot be read: declare the most connections that all of it opens at "
    'once in the tag "budget:connections", 0 for none.'
)
NOT_RESERVED = (
    " (its reserved concurrency times the connections of one instance; reservedConcurrentExecutions is not set, so that all that the "
    "account allows, 1000 by default, may run at once)"
)
OF_A_FUNCTION = DECLARE.replace(", 0 for none", f"{NOT_RESERVED}, 0 for none")


@pytest.fixture
def shop(stack: StackBuilder) -> StackBuilder:
    """A service with 10 of 60 connections, and a group `fn` that the database lets in as well."""
    stack.database()
    stack.service("api", environment={"DB_HOST": "db.internal"})
    for name in ("api", "fn"):
        stack.group(name)
        stack.opens(stack.urn(tokens.SECURITY_GROUP, "db"), stack.urn(tokens.SECURITY_GROUP, name))
    return stack


def function(stack: StackBuilder, group: str | None = "fn", **tags: str) -> str:
    """A Lambda function in the VPC; group None: a group of another stack."""
    return stack.add(
        FUNCTION,
        "fn",
        {"name": "resize", "vpcConfig": {"securityGroupIds": UNKNOWN}, "tags": tags},
        vpcConfig=(stack.urn(tokens.SECURITY_GROUP, group) if group else "urn:pulumi:dev::shop::other::reference",),
    )


def test_a_function_that_may_reach_the_database_is_undecided(shop: StackBuilder) -> None:
    function(shop)
    assert shop.messages() == [f"resize: its connections cannot be counted: {OF_A_FUNCTION}"]


@pytest.mark.parametrize(
    ("reserved", "limit", "counted"),
    [
        (500, "5", " (its reserved concurrency of 500 times the DB_CONN_LIMIT of 5, 2500)"),
        (500, None, " (its reserved concurrency of 500 times the connections of one instance)"),
        (-1, "5", NOT_RESERVED),
    ],
)
def test_what_is_known_of_a_function_is_said(
    shop: StackBuilder, reserved: int, limit: str | None, counted: str
) -> None:
    variables = {} if limit is None else {"DB_CONN_LIMIT": limit}
    shop.change(function(shop), reservedConcurrentExecutions=reserved, environment={"variables": variables})
    assert shop.messages() == [
        f"resize: its connections cannot be counted: {DECLARE.replace(', 0 for none', f'{counted}, 0 for none')}"
    ]


@pytest.mark.parametrize(
    ("kind", "prop", "value"),
    [
        ("aws:ec2/instance:Instance", "vpcSecurityGroupIds", UNKNOWN),
        ("aws:ec2/launchTemplate:LaunchTemplate", "vpcSecurityGroupIds", UNKNOWN),
        ("aws:ec2/launchTemplate:LaunchTemplate", "networkInterfaces", [{"securityGroups": UNKNOWN}]),
        ("aws:ec2/launchConfiguration:LaunchConfiguration", "securityGroups", [UNKNOWN]),
        ("aws:apprunner/vpcConnector:VpcConnector", "securityGroups", [UNKNOWN]),
        ("aws:batch/computeEnvironment:ComputeEnvironment", "computeResources", {"securityGroupIds": [UNKNOWN]}),
        ("aws:codebuild/project:Project", "vpcConfig", {"securityGroupIds": [UNKNOWN]}),
        ("aws:dms/replicationInstance:ReplicationInstance", "vpcSecurityGroupIds", [UNKNOWN]),
        ("aws:eks/cluster:Cluster", "vpcConfig", {"securityGroupIds": [UNKNOWN]}),
        ("aws:glue/connection:Connection", "physicalConnectionRequirements", {"securityGroupIdLists": [UNKNOWN]}),
        ("aws:mwaa/environment:Environment", "networkConfiguration", {"securityGroupIds": [UNKNOWN]}),
        (
            "aws:ec2/instance:Instance",
            "networkInterfaces",
            [{"securityGroups": ["sg-1"]}, {"securityGroups": [UNKNOWN]}],
        ),
        (
            "aws:ecs/expressGatewayService:ExpressGatewayService",
            "networkConfigurations",
            [{"securityGroups": [UNKNOWN]}],
        ),
        ("aws:codebuild/fleet:Fleet", "vpcConfigs", [{"securityGroupIds": [UNKNOWN]}]),
        ("aws:dms/replicationConfig:ReplicationConfig", "computeConfig", {"vpcSecurityGroupIds": [UNKNOWN]}),
        ("aws:emr/cluster:Cluster", "ec2Attributes", {"additionalSlaveSecurityGroups": UNKNOWN}),
        (
            "aws:mskconnect/connector:Connector",
            "kafkaCluster",
            {"apacheKafkaCluster": {"vpc": {"securityGroups": [UNKNOWN]}}},
        ),
        ("aws:quicksight/vpcConnection:VpcConnection", "securityGroupIds", [UNKNOWN]),
        ("aws:synthetics/canary:Canary", "vpcConfig", {"securityGroupIds": [UNKNOWN]}),
        ("aws:elasticbeanstalk/environment:Environment", "settings", [{"name": "SecurityGroups", "value": UNKNOWN}]),
        ("aws:new/thing:Thing", "placement", {"nested": [{"securityGroupIds": [UNKNOWN]}]}),
        ("aws-native:lambda:Function", "vpcConfig", {"securityGroupIds": [UNKNOWN]}),
    ],
)
def test_so_is_everything_else_that_runs_code_in_the_vpc(shop: StackBuilder, kind: str, prop: str, value: Any) -> None:
    shop.add(kind, "other", {prop: value}, **{prop: (shop.urn(tokens.SECURITY_GROUP, "fn"),)})
    assert shop.messages() == [f"other: its connections cannot be counted: {DECLARE}"]


@pytest.mark.parametrize(
    ("kind", "props"),
    [
        ("aws:new/thing:Thing", {"network": {"securityGroups": ["sg-fn"]}}),
        (FUNCTION, {"vpcConfig": {"securityGroupIds": ["sg-other", "sg-fn"]}}),
        (tokens.LOAD_BALANCER, {"securityGroups": ["sg-fn"], "loadBalancerType": "network"}),
    ],
)
def test_a_group_is_known_by_its_id_too(shop: StackBuilder, kind: str, props: dict[str, Any]) -> None:
    shop.change(shop.urn(tokens.SECURITY_GROUP, "fn"), id="sg-fn")
    shop.add(kind, "other", props)
    declare = OF_A_FUNCTION if kind == FUNCTION else DECLARE
    assert shop.messages() == [f"other: its connections cannot be counted: {declare}"]


@pytest.mark.parametrize(
    "kind",
    [
        tokens.LOAD_BALANCER, tokens.PARAMETER, tokens.ROLE_POLICY, tokens.DB_CLUSTER_INSTANCE,
        "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:elasticache/replicationGroup:ReplicationGroup",
        "awsx:ecs:FargateService", "random:index/randomId:RandomId",
    ],
)  # fmt: skip
def test_what_opens_no_connection_declares_none(shop: StackBuilder, kind: str) -> None:
    group = shop.urn(tokens.SECURITY_GROUP, "fn")
    shop.add(kind, "other", {"securityGroups": [UNKNOWN]}, securityGroups=(group,))
    assert shop.messages() == []


@pytest.mark.parametrize("block", ["vpcConfig", "networkConfiguration", "networkInterfaces", "ec2Attributes"])
def test_a_block_that_is_unknown_as_a_whole_may_name_any_group(shop: StackBuilder, block: str) -> None:
    shop.add("aws:new/thing:Thing", "other", {block: UNKNOWN}, **{block: ("urn:pulumi:dev::shop::other::reference",)})
    assert shop.messages() == [f"other: its connections cannot be counted: {DECLARE}"]
    shop.add("aws:new/thing:Thing", "other", {block: UNKNOWN})
    assert shop.messages() == []


def test_what_is_declared_is_counted(shop: StackBuilder) -> None:
    function(shop, **{"budget:connections": "45"})
    assert (shop.messages(), shop.budget().budget.used) == ([], 60)
    function(shop, **{"budget:connections": "46"})
    (message,) = shop.messages()
    assert message.startswith("db: 61 of 60 connections, 1 too many.")
    assert ["resize", "46", "x", "1", "x", "1", "46", "declared", "as", "a", "whole"] in map(
        str.split, message.splitlines()
    )
    assert "  - resize: connections declared at most 45 (now 46)" in message


def test_nothing_is_declared_by_a_nought(shop: StackBuilder) -> None:
    function(shop, **{"budget:connections": "0"})
    assert (shop.messages(), shop.budget().budget.used) == ([], 15)


def test_a_wrong_declaration_is_undecided(shop: StackBuilder) -> None:
    urn = function(shop, **{"budget:connections": "many"})
    assert shop.messages() == [
        f'resize: its connections cannot be counted: undecided: tags["budget:connections"] of {urn} is "many", an integer '
        "from 0 to 1000000 is required."
    ]


def test_a_group_of_another_stack_may_be_one_that_is_let_in(shop: StackBuilder) -> None:
    function(shop, group=None)
    assert shop.messages() == [f"resize: its connections cannot be counted: {OF_A_FUNCTION}"]


def test_whoever_is_in_another_group_or_in_no_vpc_is_no_client(shop: StackBuilder) -> None:
    shop.group("elsewhere")
    function(shop, group="elsewhere")
    shop.add(FUNCTION, "outside", {"name": "outside"})
    # AWS computes the groups of a machine that names none.
    shop.add("aws:ec2/instance:Instance", "bastion", {"vpcSecurityGroupIds": UNKNOWN})
    assert shop.messages() == []


def test_one_of_two_databases_has_to_be_named(shop: StackBuilder) -> None:
    shop.database("second")
    shop.opens(shop.urn(tokens.SECURITY_GROUP, "second"), shop.urn(tokens.SECURITY_GROUP, "fn"))
    function(shop, **{"budget:connections": "1"})
    assert shop.messages()[0] == (
        "resize: its connections cannot be counted: it can reach several databases (db, second): tag it "
        '"budget:database" with the one it uses, or with several separated by spaces.'
    )
    function(shop, **{"budget:connections": "1", "budget:database": "second"})
    assert shop.messages() == []


def test_rules_that_the_program_computes_may_let_anybody_in(shop: StackBuilder) -> None:
    shop.group("elsewhere")
    function(shop, group="elsewhere")
    group = shop.urn(tokens.SECURITY_GROUP, "db")
    shop.add(tokens.SECURITY_GROUP, "db", shop.resources[group].props, ingress=(shop.urn(tokens.DB_INSTANCE, "db"),))
    own, elsewhere = shop.messages()
    assert own == f"resize: its connections cannot be counted: {OF_A_FUNCTION}"
    assert elsewhere.startswith(
        "db: its connection budget is undecided: its security groups let in what cannot be read (undecided"
    )


@pytest.mark.parametrize("kind", ["aws:ec2/instance:Instance", "aws:ecs/expressGatewayService:ExpressGatewayService"])
def test_what_is_always_in_a_vpc_is_let_in_with_its_addresses(shop: StackBuilder, kind: str) -> None:
    shop.add(kind, "other", {})
    assert shop.messages() == []
    rule = {"securityGroupId": UNKNOWN, "cidrIpv4": "10.0.0.0/8", "fromPort": 3306, "toPort": 3306, "ipProtocol": "tcp"}
    shop.add(tokens.INGRESS_RULE, "wide", rule, securityGroupId=(shop.urn(tokens.SECURITY_GROUP, "db"),))
    shop.add("aws:ec2/subnet:Subnet", "own", {"cidrBlock": "10.0.0.0/8"})
    assert shop.messages() == [f"other: its connections cannot be counted: {DECLARE}"]


def test_a_database_in_another_stacks_group_may_let_it_in(shop: StackBuilder) -> None:
    shop.group("elsewhere")
    function(shop, group="elsewhere")
    instance = shop.resources[shop.urn(tokens.DB_INSTANCE, "db")]
    kept = {"parameterGroupName": instance.property_dependencies["parameterGroupName"]}
    tags = {**instance.props["tags"], "budget:elsewhere": "0"}
    shop.add(instance.type, "db", {**instance.props, "vpcSecurityGroupIds": ["sg-1"], "tags": tags}, **kept)
    unguarded = "may reach db, whose security group sg-1 is none of this stack, so that its rules are not known"
    assert shop.messages() == [
        f"resize: its connections cannot be counted: {OF_A_FUNCTION.replace('can reach db by its security groups', unguarded)}"
    ]


INTERFACE = "aws:ec2/networkInterface:NetworkInterface"


def joined(shop: StackBuilder, interface: object, *made_from: str) -> str:
    """The group `fn`, which the database lets in, on a network interface that is there already."""
    return shop.add(
        tokens.GROUP_OF_INTERFACE,
        "joined",
        {"securityGroupId": UNKNOWN, "networkInterfaceId": interface},
        securityGroupId=(shop.urn(tokens.SECURITY_GROUP, "fn"),),
        networkInterfaceId=made_from,
    )


@pytest.mark.parametrize("kind", [tokens.INSTANCE, INTERFACE])
@pytest.mark.parametrize("interface", [UNKNOWN, "eni-0123456789abcdef0"])
def test_what_is_put_into_a_group_afterwards_stands_in_it(shop: StackBuilder, kind: str, interface: str) -> None:
    shop.group("other")
    groups = {"vpcSecurityGroupIds": [UNKNOWN], "id": UNKNOWN}
    owner = shop.add(kind, "machine", groups, vpcSecurityGroupIds=(shop.urn(tokens.SECURITY_GROUP, "other"),))
    assert shop.messages() == []
    joined(shop, interface, owner)
    assert shop.messages() == [f"machine: its connections cannot be counted: {DECLARE}"]
    shop.change(owner, tags={"budget:connections": "3"})
    assert (shop.messages(), shop.budget().budget.used) == ([], 18)


@pytest.mark.parametrize("interface", ["eni-0123456789abcdef0", UNKNOWN])
def test_an_interface_of_somewhere_else_is_a_client_of_somewhere_else(shop: StackBuilder, interface: str) -> None:
    reference = shop.add("pulumi:pulumi:StackReference", "other", {})
    joined(shop, interface, reference)
    assert shop.messages() == [
        "joined: its connections cannot be counted: it puts a network interface that is not of this stack into a security group that "
        "db lets in: declare the most connections that all clients outside this stack open at once in the tag "
        '"budget:elsewhere" of db.'
    ]
    instance = shop.resources[shop.urn(tokens.DB_INSTANCE, "db")]
    shop.change(instance.urn, tags={**instance.props["tags"], "budget:elsewhere": "5"})
    assert shop.messages() == []


def test_the_interface_of_an_endpoint_opens_none(shop: StackBuilder) -> None:
    joined(shop, UNKNOWN, shop.add(tokens.VPC_ENDPOINT, "ecr", {}))
    assert shop.messages() == []
