"""Policies about security groups: what the world reaches, what leaves, and whether a rule says what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policies.facts.network.security_groups import ranges_of, world_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.reading import NotDecidedError, optional
from policies.resources.requested import asked_text
from policies.rules.policy import EVERYWHERE, hub, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, policy

_LISTS = setting("prefixLists", (), "Prefix lists outside the stack whose ranges have been looked at: ids.")

_ADMINISTRATION = (
    20, 21, 22, 23, 135, 445, 1433, 1434, 1521, 2375, 2376, 2379, 3306, 3389, 5432, 5601, 5900, 5985, 6379, 9200, 9300, 11211,
    27017, 33060,
)  # fmt: skip
"""FTP, SSH, Telnet, Windows, Docker, etcd, VNC, databases, caches and their consoles."""
_NEARLY_ALL = 60_000
"""So many ports are no choice among them."""


_INGRESS = (tokens.INGRESS_RULE, tokens.SECURITY_GROUP_RULE, tokens.SECURITY_GROUP, tokens.DEFAULT_SECURITY_GROUP)
_EGRESS_TYPES = (tokens.EGRESS_RULE, tokens.SECURITY_GROUP_RULE, tokens.SECURITY_GROUP, tokens.DEFAULT_SECURITY_GROUP)
_PREFIX_LISTS = (tokens.PREFIX_LIST, tokens.PREFIX_LIST_ENTRY)


@policy(
    what="The world reaches the load balancer's ports 80 and 443 over TCP, and nothing else.",
    why="Every other open port is a service that nobody meant to publish.",
    severity="high",
    how_to_fix="Let in a security group, or the address range of a partner; put public services behind the load balancer.",
    url=hub("EC2.18"),
    references="CKV_AWS_260 CKV_AWS_277 AwsSolutions-EC23 EC2.18",
    settings=(setting("ports", ("80", "443"), "Ports that a load balancer may open to the world."), _LISTS),
    types=_INGRESS,
    also=(tokens.LOAD_BALANCER, *_PREFIX_LISTS),
)
def world_ingress(stack: Stack, resource: Resource) -> Iterator[Problem]:
    ports, lists = stack.texts("ports"), stack.texts("prefixLists")
    for opening in stack.facts.openings_of(resource):
        for cidr in filter(world_of, ranges_of(stack.graph, opening, lists) if opening.ingress else ()):
            low, high = opening.ports
            one_port = opening.protocol == "tcp" and low == high and str(low) in ports
            keys = opening.groups.keys
            if not one_port:
                yield Problem(f"{cidr} may use {opening.shown}", f"one TCP port of {', '.join(ports)}")
            elif opening.groups.undecided is not None:
                raise NotDecidedError(replace(opening.groups.undecided, where="securityGroupId"))
            elif not keys or not keys <= stack.facts.load_balancer_groups:
                yield Problem(
                    f"{cidr} may use {opening.shown} of a group that is no load balancer's", "the load balancer's group"
                )


@policy(
    what="No port of administration or of a database is open to the world.",
    why="SSH, RDP and databases are what scanners try first, around the clock.",
    severity="critical",
    how_to_fix="Remove the rule; use ECS Exec or Session Manager, which need no open port.",
    url=hub("EC2.19"),
    levels=EVERYWHERE,
    references="CKV_AWS_24 CKV_AWS_25 EC2.13 EC2.14 EC2.19 EC2.53 EC2.54",
    settings=(_LISTS,),
    types=_INGRESS,
    also=_PREFIX_LISTS,
)
def no_world_administration(stack: Stack, resource: Resource) -> Iterator[Problem]:
    lists = stack.texts("prefixLists")
    for opening in stack.facts.openings_of(resource):
        ports = [str(port) for port in _ADMINISTRATION if opening.covers(port)]
        if opening.ingress and ports:
            for cidr in filter(world_of, ranges_of(stack.graph, opening, lists)):
                yield Problem(
                    f"{cidr} may use {opening.shown}, with port {', '.join(ports)}", "none of them from the world"
                )


@policy(
    what="No security group lets everything out to the world.",
    why="What breaks into a task takes its data out by any port that is open.",
    severity="medium",
    how_to_fix="Allow the ports that are needed, such as TCP 443, and security groups for the rest.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    references="CKV_AWS_382",
    types=_EGRESS_TYPES,
)
def egress_limited(stack: Stack, resource: Resource) -> Iterator[Problem]:
    for opening in stack.facts.openings_of(resource):
        everything = opening.protocol == "-1" or opening.ports[1] - opening.ports[0] > _NEARLY_ALL
        for cidr in filter(world_of, () if opening.ingress or not everything else opening.cidrs):
            yield Problem(f"everything may leave to {cidr}", "single ports")


@policy(
    what="Security groups and their rules say what they are for.",
    why="A rule that nobody can explain is never removed.",
    severity="low",
    how_to_fix="Set description, to what the rule lets through and for whom.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
    references="CKV_AWS_23 AwsSolutions-EC27",
    types=(tokens.SECURITY_GROUP, tokens.INGRESS_RULE, tokens.EGRESS_RULE, tokens.SECURITY_GROUP_RULE),
)
def security_groups_described(_: Stack, resource: Resource) -> Iterator[Problem]:
    described = asked_text(resource, "description")
    text = optional(described, "")
    if not text.strip() or text == "Managed by Pulumi":
        yield Problem(stated("description", described, f'"{text.strip()}"'), "what it lets through, and for whom")
