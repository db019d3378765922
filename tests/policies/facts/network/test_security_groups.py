"""Security group rules in one form, and what counts as the world."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.facts.network.security_groups import public, ranges_of, read_openings, world_of
from policies.resources import tokens
from policies.resources.outcomes import Undecided, decided


def of(stack: Any, kind: str, props: dict[str, Any], **dependencies: tuple[str, ...]) -> Any:
    """(ingress, ranges, protocol, ports, shown) of each rule of a resource, or why it cannot be read."""
    urn = stack.add(kind, "r", props, **dependencies)
    graph = stack.graph()
    resource = graph.get(urn)
    assert resource is not None
    found = decided(lambda: Facts(graph).openings_of(resource))
    if isinstance(found, Undecided):
        return found
    return [(rule.ingress, rule.cidrs, rule.protocol, rule.ports, rule.shown) for rule in found]


@pytest.mark.parametrize(
    ("kind", "ingress", "props"),
    [
        (tokens.INGRESS_RULE, True, {"cidrIpv4": "10.0.0.0/8", "ipProtocol": "tcp", "fromPort": 1, "toPort": 2}),
        (tokens.EGRESS_RULE, False, {"cidrIpv4": "10.0.0.0/8", "ipProtocol": "6", "fromPort": "1", "toPort": "2"}),
        (
            tokens.SECURITY_GROUP_RULE,
            True,
            {"type": "ingress", "cidrBlocks": ["10.0.0.0/8"], "protocol": "TCP", "fromPort": 1, "toPort": 2},
        ),
        (
            tokens.SECURITY_GROUP,
            False,
            {"egress": [{"cidrBlocks": ["10.0.0.0/8"], "protocol": "tcp", "fromPort": 1, "toPort": 2}]},
        ),
    ],
)
def test_four_ways_to_write_a_rule(stack: Any, kind: str, ingress: bool, props: dict[str, Any]) -> None:
    assert of(stack, kind, props) == [(ingress, ("10.0.0.0/8",), "tcp", (1, 2), "tcp 1 to 2")]


@pytest.mark.parametrize("protocol", ["-1", "all", "icmp", "1", "esp"])
def test_protocols_without_ports_have_all_of_them(stack: Any, protocol: str) -> None:
    [(_, cidrs, name, ports, shown)] = of(stack, tokens.INGRESS_RULE, {"cidrIpv6": "::/0", "ipProtocol": protocol})
    assert (cidrs, ports) == (("::/0",), (0, 65_535))
    assert (name == "-1") is (protocol in ("-1", "all")) is (shown == "every protocol and port")


def test_a_rule_for_a_group_has_no_ranges(stack: Any, unknown: str) -> None:
    props = {"referencedSecurityGroupId": unknown, "ipProtocol": "tcp", "fromPort": 80, "toPort": 80}
    assert of(stack, tokens.INGRESS_RULE, props) == [(True, (), "tcp", (80, 80), "tcp 80")]


def test_rules_left_to_aws_are_none(stack: Any, unknown: str) -> None:
    assert of(stack, tokens.SECURITY_GROUP, {"ingress": unknown, "egress": unknown}) == []


@pytest.mark.parametrize(
    ("kind", "props", "where", "reason"),
    [
        (tokens.INGRESS_RULE, {"ipProtocol": "tcp", "toPort": 1}, "fromPort", "is absent, a value is required"),
        (tokens.INGRESS_RULE, {}, "ipProtocol", "is absent, a value is required"),
        (tokens.SECURITY_GROUP_RULE, {"type": "both"}, "type", "is neither ingress nor egress"),
        (tokens.SECURITY_GROUP, {"ingress": [3]}, "ingress[0]", "is not an object"),
        (tokens.SECURITY_GROUP, {"ingress": [{}]}, "ingress[0].protocol", "is absent, a value is required"),
        (tokens.SECURITY_GROUP, {"ingress": "x"}, "ingress", "is a string, a list is required"),
    ],
)
def test_what_cannot_be_read_is_undecided(
    stack: Any, kind: str, props: dict[str, Any], where: str, reason: str
) -> None:
    assert of(stack, kind, props) == Undecided(where, reason)


def test_ports_that_are_not_known_matter_to_addresses_alone(stack: Any, unknown: str) -> None:
    ports = {"ipProtocol": "tcp", "fromPort": unknown, "toPort": unknown}
    group = {"referencedSecurityGroupId": "sg-0123", **ports}
    assert of(stack, tokens.INGRESS_RULE, group) == [(True, (), "-1", (0, 65_535), "every protocol and port")]
    assert isinstance(of(stack, tokens.INGRESS_RULE, {"cidrIpv4": "10.0.0.0/8", **ports}), Undecided)
    assert isinstance(of(stack, tokens.INGRESS_RULE, {"prefixListId": unknown, **group}), Undecided)


def test_what_aws_refuses_of_ports_is_kept_beside_what_they_may_mean(stack: Any) -> None:
    def found(low: int, high: int) -> tuple[tuple[int, int], str]:
        rule = stack.add(
            tokens.INGRESS_RULE,
            "rule",
            {"ipProtocol": "tcp", "fromPort": low, "toPort": high, "cidrIpv4": "10.0.0.0/8"},
        )
        (opening,) = read_openings(stack.graph())[rule]
        return opening.ports, opening.refused

    assert found(2, 1) == ((1, 2), "fromPort is 2, above toPort 1")
    assert found(0, -1) == ((0, 65_535), "fromPort is 0, above toPort -1")
    assert found(1, 70_000) == ((1, 70_000), "toPort is 70000")
    assert found(1, 2) == ((1, 2), "")


def test_minus_one_stands_for_every_port(stack: Any) -> None:
    props = {"cidrIpv4": "10.0.0.0/8", "ipProtocol": 6, "fromPort": -1, "toPort": -1}
    assert of(stack, tokens.INGRESS_RULE, props) == [(True, ("10.0.0.0/8",), "tcp", (0, 65_535), "tcp 0 to 65535")]


@pytest.mark.parametrize(
    ("kind", "props", "listed"),
    [
        (tokens.INGRESS_RULE, {"ipProtocol": "-1", "prefixListId": "pl-1"}, "prefixListId"),
        (tokens.SECURITY_GROUP_RULE, {"type": "ingress", "protocol": "-1", "prefixListIds": ["pl-1"]}, "prefixListIds"),
        (tokens.SECURITY_GROUP, {"ingress": [{"protocol": "-1", "prefixListIds": ["pl-1"]}]}, "ingress"),
    ],
)
def test_prefix_lists_are_looked_into(stack: Any, unknown: str, kind: str, props: dict[str, Any], listed: str) -> None:
    def ranges(*known: str, **dependencies: tuple[str, ...]) -> Any:
        urn = stack.add(kind, "r", props, **dependencies)
        graph = stack.graph()
        [opening] = Facts(graph).openings_of(graph.get(urn))
        return decided(lambda: ranges_of(graph, opening, known))

    reason = "names pl-1, whose ranges are not of this stack: declare it in prefixLists"
    assert ranges() == Undecided("prefixListId", reason)
    assert ranges("pl-1") == ()
    held = stack.add(tokens.PREFIX_LIST, "held", {"id": "pl-1", "entries": [{"cidr": "0.0.0.0/0"}]})
    entry = {"prefixListId": unknown, "cidr": "10.0.0.0/8"}
    stack.add(tokens.PREFIX_LIST_ENTRY, "entry", entry, prefixListId=(held,))
    assert ranges(**{listed: (held,)}) == ("0.0.0.0/0", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("cidr", "world", "reaches_public"),
    [
        ("100.64.0.0/10", False, False),
        ("0.0.0.0/0", True, True),
        ("0.0.0.0/1", True, True),
        ("128.0.0.0/1", True, True),
        ("52.0.0.0/7", True, True),
        ("52.0.0.0/8", False, True),
        ("203.0.114.7/32", False, True),
        ("10.0.0.0/8", False, False),
        ("192.168.1.0/24", False, False),
        ("::/0", True, True),
        ("2000::/3", True, True),
        ("2600:1f00::/32", False, True),
        ("fd00::/8", False, False),
    ],
)
def test_the_world_and_the_public(cidr: str, world: bool, reaches_public: bool) -> None:
    assert (world_of(cidr), public(cidr)) == (world, reaches_public)


@pytest.mark.parametrize("cidr", ["everybody", "", "10.0.0.0/33", "1.2.3"])
def test_what_is_no_range_is_undecided(cidr: str) -> None:
    expected = Undecided("the address range", f'is "{cidr}", no IPv4 or IPv6 range')
    assert decided(lambda: world_of(cidr)) == decided(lambda: public(cidr)) == expected
