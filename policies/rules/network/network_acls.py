"""Policies about network ACLs: they open no port of administration by name, and let through what their subnets are for."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.network.security_groups import ADMINISTRATION, world_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Reading, Step
from policies.resources.reading import optional, read, read_integer, read_text, required
from policies.resources.references import belonging
from policies.resources.requested import asked_list
from policies.rules.rule import Problem, Stack, policy

_TCP = frozenset({"tcp", "6"})
_MANY = 1_000
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
    also=(tokens.NETWORK_ACL_RULE,),
)
def network_acl_lets_through(stack: Stack, acl: Resource) -> Iterator[Problem]:
    if read(acl, "subnetIds") in (Absent("subnetIds"), Present([])) and not acl.property_dependencies.get("subnetIds"):
        return
    apart = belonging(stack.graph, acl, tokens.NETWORK_ACL_RULE, "networkAclId")
    for way in ("ingress", "egress"):
        inline = asked_list(acl, way)
        allowed = [
            position
            for position in range(len(optional(inline, [])))
            if optional(read_text(acl, way, position, "action"), "").lower() == "allow"
        ]
        out = way == "egress"
        allowed += [
            position
            for position, rule in enumerate(apart)
            if (optional(_flag(rule, "egress"), "false") == "true") is out
            and optional(read_text(rule, "ruleAction"), "").lower() == "allow"
        ]
        if not allowed:
            yield Problem(f"it has no {way} rule that allows anything", "one")
