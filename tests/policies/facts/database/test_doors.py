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


def networks(shop: Any, *groups: str, extra: str = "") -> None:
    """The stack's VPC of 10.20.0.0/16, which security groups are of."""
    vpc = shop.add(tokens.VPC, "v", {"id": UNKNOWN, "cidrBlock": "10.20.0.0/16"})
    if extra:
        shop.add(tokens.VPC_RANGE, "more", {"vpcId": UNKNOWN, "cidrBlock": extra}, vpcId=(vpc,))
    for name in groups:
        shop.add(tokens.SECURITY_GROUP, name, {"id": UNKNOWN, "name": name, "vpcId": UNKNOWN}, vpcId=(vpc,))


def let_in(shop: Any, **source: Any) -> bool:
    """Whether the gateway is a client of the database, whose group lets in a range or a list."""
    made_from = source.pop("made_from", ())
    props = {"securityGroupId": UNKNOWN, "fromPort": 3306, "toPort": 3306, "ipProtocol": "tcp", **source}
    group = (shop.urn(tokens.SECURITY_GROUP, "dev-db"),)
    shop.add(tokens.INGRESS_RULE, "r", props, securityGroupId=group, prefixListId=made_from)
    return any(message.startswith("dev-gateway") for message in shop.messages())


@pytest.mark.parametrize(
    ("cidr", "extra", "client"),
    [
        ({"cidrIpv4": "10.99.0.0/24"}, "", False),  # an office, or a network that is joined with this one
        ({"cidrIpv4": "10.20.7.0/24"}, "", True),
        ({"cidrIpv4": "10.0.0.0/8"}, "", True),
        ({"cidrIpv4": "100.64.9.0/24"}, "", False),
        ({"cidrIpv4": "100.64.9.0/24"}, "100.64.0.0/16", True),
        ({"cidrIpv4": "10.99.0.0/24"}, UNKNOWN, True),  # a range of the VPC that is not known may be that one
        ({"cidrIpv4": "203.0.113.7/32"}, "", True),  # a gateway's address may be
        ({"cidrIpv4": "10.99.0.0/33"}, "", True),
        ({"cidrIpv4": UNKNOWN}, "", True),
        ({"cidrIpv6": "fd00::/8"}, "", True),
        ({"prefixListId": "pl-0123"}, "", True),
    ],
)
def test_a_range_lets_in_who_may_have_an_address_of_it(
    shop: Any, cidr: dict[str, str], extra: str, client: bool
) -> None:
    networks(shop, "dev-db", "dev-gateway", extra=extra)
    assert let_in(shop, **cidr) is client


def test_a_client_of_a_network_that_is_not_known_may_have_any_private_address(shop: Any) -> None:
    networks(shop, "dev-db")
    assert let_in(shop, cidrIpv4="10.99.0.0/24")


@pytest.mark.parametrize(("cidr", "client"), [("10.99.0.0/24", False), ("10.20.0.0/24", True), (UNKNOWN, True)])
def test_the_ranges_of_a_list_count_each_by_each(shop: Any, cidr: str, client: bool) -> None:
    networks(shop, "dev-db", "dev-gateway")
    held = shop.add(tokens.PREFIX_LIST, "l", {"id": UNKNOWN, "entries": [{"cidr": "10.98.0.0/24"}]})
    shop.add(tokens.PREFIX_LIST_ENTRY, "e", {"prefixListId": UNKNOWN, "cidr": cidr}, prefixListId=(held,))
    assert let_in(shop, prefixListId=UNKNOWN, made_from=(held,)) is client
