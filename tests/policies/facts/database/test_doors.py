"""Every form of a security group rule is read alike: what lets a service into the database, and what does not."""

from typing import Any

import pytest

from policies.resources import tokens
from tests.policies.conftest import UNKNOWN

WIDE, CLOSED = True, False
FORMS: tuple[tuple[object, object, object, bool], ...] = (
    ("tcp", 3306, 3306, WIDE),
    ("TCP", 3306, 3306, WIDE),
    ("6", 3306, 3306, WIDE),
    (6, 3306, 3306, WIDE),
    (6.0, 3306.0, 3306.0, WIDE),
    ("tcp", "3306", "3306", WIDE),
    ("tcp", 0, 65_535, WIDE),
    ("tcp", 3000, 4000, WIDE),
    ("tcp", -1, -1, WIDE),
    (6, -1, -1, WIDE),
    ("-1", None, None, WIDE),
    ("-1", 0, 0, WIDE),
    ("-1", -1, -1, WIDE),
    (-1, 0, 0, WIDE),
    ("all", None, None, WIDE),
    ("ALL", 0, 0, WIDE),
    ("tcp", None, None, WIDE),  # which ports, nothing says
    ("tcp", 3306, UNKNOWN, WIDE),
    (UNKNOWN, 3306, 3306, WIDE),
    (None, 3306, 3306, WIDE),
    (True, 3306, 3306, WIDE),
    ("tcp", 0, -1, WIDE),  # no range: AWS refuses it, and nothing says what was meant
    ("tcp", 22, 22, CLOSED),
    ("tcp", 3307, 65_535, CLOSED),
    ("udp", 3306, 3306, CLOSED),
    ("17", 0, 65_535, CLOSED),
    (17, 3306, 3306, CLOSED),
    ("icmp", -1, -1, CLOSED),
    ("1", -1, -1, CLOSED),
    ("50", 0, 0, CLOSED),
)


@pytest.mark.parametrize(("protocol", "first", "last", "let_in"), FORMS)
@pytest.mark.parametrize("kind", [tokens.INGRESS_RULE, tokens.SECURITY_GROUP_RULE, tokens.SECURITY_GROUP])
def test_every_form_of_a_rule_is_read(
    shop: Any, kind: str, protocol: object, first: object, last: object, let_in: bool
) -> None:
    write(shop, kind, protocol=protocol, first=first, last=last)
    assert [message.partition(":")[0] for message in shop.messages()] == (["dev-gateway"] if let_in else [])


@pytest.mark.parametrize("protocol", ["tcp", "-1"])
@pytest.mark.parametrize("kind", [tokens.EGRESS_RULE, tokens.SECURITY_GROUP_RULE, tokens.SECURITY_GROUP])
def test_a_way_out_is_no_way_in(shop: Any, kind: str, protocol: str) -> None:
    write(shop, kind, direction="egress", protocol=protocol, first=3306, last=3306)
    assert shop.messages() == []


@pytest.mark.parametrize("direction", [UNKNOWN, "both", None])
def test_a_rule_whose_direction_is_not_known_may_be_a_way_in(shop: Any, direction: str | None) -> None:
    write(shop, tokens.SECURITY_GROUP_RULE, direction=direction, protocol="tcp", first=3306, last=3306)
    assert [message.partition(":")[0] for message in shop.messages()] == ["dev-gateway"]


def write(
    stack: Any, kind: str, *, protocol: object, first: object, last: object, direction: str | None = "ingress"
) -> None:
    """A rule between the database's group and the gateway's, in one of the four ways to write it."""
    database, gateway = (stack.urn(tokens.SECURITY_GROUP, name) for name in ("dev-db", "dev-gateway"))
    ports = {"fromPort": first, "toPort": last}
    if kind == tokens.SECURITY_GROUP:
        rule = {"protocol": protocol, "securityGroups": [UNKNOWN], **ports}
        held = {key: value for key, value in rule.items() if value is not None}
        stack.add(kind, "dev-db", {"id": UNKNOWN, direction: [held]}, **{str(direction): (gateway,)})
    elif kind == tokens.SECURITY_GROUP_RULE:
        props = {"type": direction, "protocol": protocol, "securityGroupId": UNKNOWN, "sourceSecurityGroupId": UNKNOWN}
        stack.add(kind, "r", {**props, **ports}, securityGroupId=(database,), sourceSecurityGroupId=(gateway,))
    else:
        props = {"ipProtocol": protocol, "securityGroupId": UNKNOWN, "referencedSecurityGroupId": UNKNOWN}
        stack.add(kind, "r", {**props, **ports}, securityGroupId=(database,), referencedSecurityGroupId=(gateway,))
