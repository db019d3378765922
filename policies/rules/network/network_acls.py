"""Policies about network ACLs: they open no port of administration by name, and let through what their subnets are for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.facts.network.security_groups import ADMINISTRATION, world_of
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, Present, Reading, Step
from policies.resources.reading import optional, read, read_integer, read_text, required
from policies.resources.references import belonging
from policies.resources.requested import asked_list
from policies.rules.rule import Problem, Stack, policy

_TCP = frozenset({"tcp", "6"})
_MANY = 1_000
_ASSOCIATION = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
"""Ports of a rule that is about no one of them, as the ports that clients answer on."""
_ACLS = (tokens.NETWORK_ACL, tokens.DEFAULT_NETWORK_ACL)


@policy(
    what="A network ACL opens no port of administration or of a database to the world.",
    why="A rule for that port alone says that it is meant to be reached, and security groups then follow.",
    severity="high",
    how_to_fix="Remove the rule; use ECS Exec or Session Manager, which need no open port.",
    references="CKV_AWS_229 CKV_AWS_230 CKV_AWS_231 CKV_AWS_232 EC2.21",
    types=(tokens.NETWORK_ACL_RULE, *_ACLS),
)
def network_acl_no_administration(_: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type == tokens.NETWORK_ACL_RULE:
        if optional(_flag(resource, "egress"), "false") != "true":
            yield from _open(resource, (), "ruleAction", ("cidrBlock", "ipv6CidrBlock"))
        return
    for position in range(len(optional(asked_list(resource, "ingress"), []))):
        yield from _open(resource, ("ingress", position), "action", ("cidrBlock", "ipv6CidrBlock"))


def _flag(resource: Resource, prop: str) -> Reading[str]:
    found = read(resource, prop)
    return Present(str(found.value).lower()) if isinstance(found, Present) else found


def _open(resource: Resource, at: tuple[Step, ...], action: str, ranges: tuple[str, ...]) -> Iterator[Problem]:
    if required(read_text(resource, *at, action)).lower() != "allow":
        return
    protocol = str(required(read(resource, *at, "protocol"))).lower().removesuffix(".0")
    low, high = (optional(read_integer(resource, *at, key), 0) for key in ("fromPort", "toPort"))
    ports = [str(port) for port in ADMINISTRATION if low <= port <= high]
    if protocol not in _TCP or not ports or high - low > _MANY:
        return
    for key in ranges:
        cidr = optional(read_text(resource, *at, key), "")
        if cidr and world_of(cidr):
            yield Problem(
                f"{cidr} may use tcp {low} to {high}, with port {', '.join(ports)}", "none of them from the world"
            )


@policy(
    what="A network ACL of subnets lets something in and something out.",
    why="It forgets what went out: without a rule for either way nothing in its subnets reaches anything, and no task starts.",
    severity="high",
    how_to_fix="Allow what is needed in both directions, or leave the subnets to the default ACL.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    types=(tokens.NETWORK_ACL,),
    also=(tokens.NETWORK_ACL_RULE, _ASSOCIATION),
)
def network_acl_lets_through(stack: Stack, acl: Resource) -> Iterator[Problem]:
    if not _has_subnets(stack.graph, acl):
        return
    apart = belonging(stack.graph, acl, tokens.NETWORK_ACL_RULE, "networkAclId")
    for way in ("ingress", "egress"):
        inline = range(len(optional(asked_list(acl, way), [])))
        rules = [_rule(acl, "action", "ruleNo", way, position) for position in inline]
        rules += [
            _rule(rule, "ruleAction", "ruleNumber")
            for rule in apart
            if (optional(_flag(rule, "egress"), "false") == "true") is (way == "egress")
        ]
        allowed = [rule for rule in rules if rule.allows]
        if not allowed:
            yield Problem(f"it has no {way} rule that allows anything", "one")
        elif all(any(denied.comes_before(rule) for denied in rules) for rule in allowed):
            yield Problem(f"a rule before every other denies all {way}", "one that comes last, as AWS's own")


def _has_subnets(graph: Graph, acl: Resource) -> bool:
    named = read(acl, "subnetIds") not in (Absent("subnetIds"), Present([]))
    return (
        named
        or bool(acl.property_dependencies.get("subnetIds"))
        or bool(belonging(graph, acl, _ASSOCIATION, "networkAclId"))
    )


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule. order: its number, the least of which holds; None where it is not known. ranges: IPv4 and IPv6, as they are written."""

    allows: bool
    denies_all: bool
    order: int | None
    ranges: tuple[str, str]

    def comes_before(self, other: _Rule) -> bool:
        """Whether it denies all that another rule allows, before that is asked."""
        known = self.order is not None and other.order is not None and self.order < other.order
        covers = all(
            not held or own == everywhere
            for own, held, everywhere in zip(self.ranges, other.ranges, _WORLD, strict=True)
        )
        return self.denies_all and known and covers and any(other.ranges)


_WORLD = ("0.0.0.0/0", "::/0")


def _rule(resource: Resource, action: str, number: str, *at: Step) -> _Rule:
    does = optional(read_text(resource, *at, action), "").lower()
    order, protocol = read_integer(resource, *at, number), read(resource, *at, "protocol")
    everything = isinstance(protocol, Present) and str(protocol.value).lower().removesuffix(".0") in ("-1", "all")
    v4, v6 = (read_text(resource, *at, key) for key in ("cidrBlock", "ipv6CidrBlock"))
    return _Rule(
        allows=does == "allow",
        denies_all=does == "deny" and everything,
        order=order.value if isinstance(order, Present) else None,
        ranges=(_text(v4), _text(v6)),
    )


def _text(found: Reading[str]) -> str:
    """What is written; "?" where it is not known."""
    return "" if isinstance(found, Absent) else found.value if isinstance(found, Present) else "?"
