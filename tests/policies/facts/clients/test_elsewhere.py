"""Who is let in from outside of the stack is declared, or the budget is undecided."""

from typing import Any

import pytest

from policies.resources import tokens
from tests.policies.conftest import UNKNOWN

ASK = 'declare the most connections that all clients there open at once in its tag "budget:elsewhere", 0 for none.'


def let_in(shop: Any, name: str = "in", **source: Any) -> None:
    """A rule of the database's security group; a source of None is one that nothing tells of."""
    props = {"securityGroupId": UNKNOWN, "fromPort": 3306, "toPort": 3306, "ipProtocol": "tcp", **source}
    shop.add(tokens.INGRESS_RULE, name, props, securityGroupId=(shop.urn(tokens.SECURITY_GROUP, "dev-db"),))


def of_database(shop: Any) -> list[str]:
    return [message for message in shop.messages() if message.startswith("dev-db")]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ({"referencedSecurityGroupId": "sg-0123"}, "the security group sg-0123"),
        ({"referencedSecurityGroupId": "999999999999/sg-0123"}, "the security group 999999999999/sg-0123"),
        ({"cidrIpv4": "10.9.0.0/16"}, "the range 10.9.0.0/16"),
        ({"cidrIpv4": "0.0.0.0/0"}, "the range 0.0.0.0/0"),
        ({"cidrIpv6": "::/0"}, "the range ::/0"),
        ({"cidrIpv4": "203.0.113.7/32"}, "the range 203.0.113.7/32"),
        ({"prefixListId": "pl-0123"}, "the prefix list pl-0123"),
    ],
)
def test_a_source_of_somewhere_else_is_declared_or_undecided(shop: Any, source: dict[str, str], shown: str) -> None:
    shop.add(tokens.VPC, "dev", {"cidrBlock": "10.0.0.0/16"})
    let_in(shop, **source)
    shop.resources.pop(shop.urn(tokens.SERVICE, "dev-gateway"))  # it would have to say what it opens
    expected = f"dev-db: its connection budget is undecided: its security groups let in {shown}, which is not of this stack: {ASK}"
    assert of_database(shop) == [expected]
    database = shop.urn(tokens.DB_INSTANCE, "dev-db")
    shop.change(database, tags={"budget:reserve": "5", "budget:elsewhere": "0"})
    assert not of_database(shop)
    shop.change(database, tags={"budget:reserve": "5", "budget:elsewhere": "some"})
    assert (
        f'undecided: tags["budget:elsewhere"] of {database} is "some", an integer from 0 to 1000000 is required.'
        in shop.messages()[-1]
    )


def test_a_group_that_nothing_tells_of_is_one_of_somewhere_else(shop: Any) -> None:
    let_in(shop, referencedSecurityGroupId=UNKNOWN)
    (message,) = of_database(shop)
    assert "let in a security group that is not known (undecided at preview: referencedSecurityGroupId of" in message
    assert "), which may be of another stack: declare" in message


def test_whom_a_group_of_another_stack_lets_in_is_declared_or_undecided(shop: Any) -> None:
    database = shop.resources[shop.urn(tokens.DB_INSTANCE, "dev-db")]
    kept = {"parameterGroupName": database.property_dependencies["parameterGroupName"]}
    shop.add(database.type, "dev-db", {**database.props, "vpcSecurityGroupIds": ["sg-1", "sg-2"]}, **kept)
    assert of_database(shop) == [
        "dev-db: its connection budget is undecided: its security groups sg-1 and sg-2 are none of this stack, so whom else they let in "
        "is not known: declare the most connections that all clients outside this stack open at once in its tag "
        '"budget:elsewhere", 0 for none.'
    ]
    tags = {**database.props["tags"], "budget:elsewhere": "0"}
    shop.add(database.type, "dev-db", {**database.props, "vpcSecurityGroupIds": ["sg-1", "sg-2"], "tags": tags}, **kept)
    assert not of_database(shop)


@pytest.mark.parametrize("held", [tokens.VPC, tokens.SUBNET, tokens.VPC_RANGE])
def test_a_range_of_a_network_of_the_stack_is_its_own(shop: Any, held: str) -> None:
    shop.add(held, "dev", {"cidrBlock": "10.0.0.0/16"})
    let_in(shop, cidrIpv4="10.0.4.0/24")
    assert not of_database(shop)


def test_another_port_or_group_concerns_nobody(shop: Any) -> None:
    let_in(shop, cidrIpv4="0.0.0.0/0", fromPort=22, toPort=22)
    assert shop.messages() == []


def test_what_is_declared_counts_as_a_whole(shop: Any) -> None:
    let_in(shop, referencedSecurityGroupId="sg-0123")
    shop.change(shop.urn(tokens.DB_INSTANCE, "dev-db"), tags={"budget:reserve": "5", "budget:elsewhere": "8"})
    (message,) = shop.messages()
    assert message.startswith("dev-db: 61 of 60 connections, 1 too many.")
    assert "elsewhere, into dev-db" in message
    assert "  - elsewhere, into dev-db: connections declared at most 7 (now 8)" in message


def test_a_database_in_the_default_group_asks_who_else_gets_in(shop: Any) -> None:
    """Left out, the VPC's default group holds for it, whose rules no program writes."""
    urn = shop.urn(tokens.DB_INSTANCE, "dev-db")
    old = shop.resources[urn]
    props = {key: value for key, value in old.props.items() if key != "vpcSecurityGroupIds"}
    shop.resources.pop(shop.urn(tokens.SERVICE, "dev-gateway"))  # it would have to say what it opens
    for unset in ({}, {"vpcSecurityGroupIds": UNKNOWN}, {"vpcSecurityGroupIds": []}):
        shop.add(
            old.type, "dev-db", {**props, **unset}, parameterGroupName=old.property_dependencies["parameterGroupName"]
        )
        assert of_database(shop) == [
            "dev-db: its connection budget is undecided: it names no security group and so is in the VPC's default one, and whom that "
            "lets in is not known: give it a group of this stack (vpcSecurityGroupIds), or declare the most connections that all clients "
            'outside this stack open at once in its tag "budget:elsewhere", 0 for none.'
        ]
        shop.change(urn, tags={"budget:reserve": "5", "budget:elsewhere": "0"})
        assert not of_database(shop)


@pytest.mark.parametrize(("enabled", "asked"), [(True, True), (False, False), (None, False)])
def test_a_data_api_is_a_way_past_the_security_groups(stack: Any, enabled: bool | None, asked: bool) -> None:
    group = stack.group("db")
    props = {
        "clusterIdentifier": "db",
        "engine": "aurora-mysql",
        "vpcSecurityGroupIds": [UNKNOWN],
        "enableHttpEndpoint": enabled,
        "tags": {"budget:reserve": "10"},
    }
    cluster = stack.add(tokens.DB_CLUSTER, "db", props, vpcSecurityGroupIds=(group,))
    member = {"clusterIdentifier": "db", "instanceClass": "db.r7g.large"}
    stack.add(tokens.DB_CLUSTER_INSTANCE, "db", member, clusterIdentifier=(cluster,))
    assert any("its Data API is on (enableHttpEndpoint)" in message for message in stack.messages()) is asked
    stack.change(cluster, tags={"budget:reserve": "10", "budget:elsewhere": "0"})
    assert stack.messages() == []


@pytest.mark.parametrize(("group", "asked"), [("dev-db", True), ("dev-gateway", False)])
def test_a_rule_of_another_provider_is_declared_or_undecided(shop: Any, group: str, asked: bool) -> None:
    props = {
        "groupId": UNKNOWN,
        "sourceSecurityGroupId": UNKNOWN,
        "ipProtocol": "tcp",
        "fromPort": 3306,
        "toPort": 3306,
    }
    opened, source = shop.urn(tokens.SECURITY_GROUP, group), shop.group("reports")
    shop.add(
        "aws-native:ec2:SecurityGroupIngress", "reports", props, groupId=(opened,), sourceSecurityGroupId=(source,)
    )
    assert any("which is of aws-native and not read here" in message for message in of_database(shop)) is asked
