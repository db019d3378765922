"""Ranges of a network that are let into a database: in another region groups cannot be named."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources.tokens import INGRESS_RULE, SECURITY_GROUP, VPC
from policies.rules.database.let_in import database_lets_in_clients
from policies.rules.rule import Stack
from tests.policies.conftest import UNKNOWN


@pytest.mark.parametrize(
    ("vpc", "rule", "told"),
    [
        ("ap-northeast-2", "ap-northeast-2", True),
        ("ap-northeast-1", "ap-northeast-2", False),
        (UNKNOWN, "ap-northeast-2", True),
        ("ap-northeast-1", UNKNOWN, True),
        (None, None, True),
    ],
)
def test_a_range_of_a_network_in_another_region(stack: Any, vpc: str | None, rule: str | None, told: bool) -> None:
    stack.database("db")
    stack.add(VPC, "v", {"cidrBlock": "10.30.0.0/16", "region": vpc})
    ports = {"ipProtocol": "tcp", "fromPort": 3306, "toPort": 3306}
    props = {"securityGroupId": UNKNOWN, "cidrIpv4": "10.30.7.0/24", "region": rule, **ports}
    stack.add(INGRESS_RULE, "in", props, securityGroupId=(stack.urn(SECURITY_GROUP, "db"),))
    spec = database_lets_in_clients.spec
    judged = database_lets_in_clients.judge(Stack(facts=Facts(stack.graph()), stage="prd", spec=spec))
    assert [finding.parts.found for finding in judged if finding.parts] == (
        ["it lets 10.30.7.0/24, a range of the network, into the database db"] if told else []
    )
