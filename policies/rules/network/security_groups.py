"""Policies about security groups: what the world reaches, what leaves, and whether a rule says what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policies.facts.network.security_groups import ADMINISTRATION, ranges_of, world_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, NotDecidedError
from policies.resources.reading import optional, read_text
from policies.resources.requested import asked_list, asked_text
from policies.rules.policy import EVERYWHERE, hub, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, policy

_LISTS = setting("prefixLists", (), "Prefix lists outside the stack whose ranges have been looked at: ids.")

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
        ports = [str(port) for port in ADMINISTRATION if opening.covers(port)]
        if opening.ingress and ports:
            for cidr in filter(world_of, ranges_of(stack.graph, opening, lists)):
                yield Problem(
                    f"{cidr} may use {opening.shown}, with port {', '.join(ports)}", "none of them from the world"
                )


_TO_THE_WORLD = frozenset({25, 389, *ADMINISTRATION})
"""Ports of TCP by which data leaves, mail is sent in one's name, and somebody else's machines are tried."""


@policy(
    what="No security group lets everything out to the world, or to its databases, mail servers and ports of administration.",
    why="What breaks into a task takes its data out by any port that is open, and tries others from here.",
    severity="medium",
    how_to_fix="Allow the ports that are needed, such as TCP 443, and security groups for what is inside.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    references="CKV_AWS_382",
    settings=(
        setting("ports", (), "Ports of databases, mail servers or administration that tasks reach in the world."),
    ),
    types=_EGRESS_TYPES,
)
def egress_limited(stack: Stack, resource: Resource) -> Iterator[Problem]:
    refused = sorted(port for port in _TO_THE_WORLD if str(port) not in stack.texts("ports"))
    for opening in stack.facts.openings_of(resource):
        if opening.ingress:
            continue
        everything = opening.protocol == "-1" or opening.ports[1] - opening.ports[0] > _NEARLY_ALL
        ports = [str(port) for port in refused if opening.covers(port)]
        for cidr in filter(world_of, opening.cidrs if everything or ports else ()):
            if everything:
                yield Problem(f"everything may leave to {cidr}", "single ports")
            else:
                yield Problem(
                    f"{opening.shown} may leave to {cidr}, with port {', '.join(ports)}",
                    "a security group, or the range of a partner",
                )


@policy(
    what="A rule of a security group is one that AWS takes: ports in order, and somebody on the other side.",
    why="AWS refuses it, when the deployment has already changed half of the stack.",
    severity="medium",
    how_to_fix="Set fromPort up to toPort, and one source: a range, a prefix list or a security group.",
    url="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html",
    types=(*_INGRESS, tokens.EGRESS_RULE),
)
def security_rule_valid(stack: Stack, resource: Resource) -> Iterator[Problem]:
    for opening in stack.facts.openings[resource.urn]:
        if opening.refused:
            yield Problem(f"{opening.refused}, which AWS refuses", "ports from 0 to 65535, the lower one first")
    if resource.type in (tokens.INGRESS_RULE, tokens.EGRESS_RULE) and all(
        isinstance(asked_text(resource, key), Absent) for key in _OTHER_SIDE
    ):
        yield Problem(f"none of {', '.join(_OTHER_SIDE)} is set", "one of them")


_OTHER_SIDE = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


@policy(
    what="Security groups and their rules say what they are for.",
    why="A rule that nobody can explain is never removed.",
    severity="low",
    how_to_fix="Set description, to what the rule lets through and for whom.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
    references="CKV_AWS_23 AwsSolutions-EC27",
    types=(*_INGRESS, tokens.EGRESS_RULE),
)
def security_groups_described(_: Stack, resource: Resource) -> Iterator[Problem]:
    if resource.type in (tokens.SECURITY_GROUP, tokens.DEFAULT_SECURITY_GROUP):
        yield from _inline_described(resource)
    if resource.type == tokens.DEFAULT_SECURITY_GROUP:
        return  # AWS describes it
    described = asked_text(resource, "description")
    text = optional(described, "")
    if not text.strip() or text == "Managed by Pulumi":
        yield Problem(stated("description", described, f'"{text.strip()}"'), "what it lets through, and for whom")


def _inline_described(group: Resource) -> Iterator[Problem]:
    """Of the rules that stand inside a group, in a list that the program writes."""
    for way in ("ingress", "egress"):
        for position in range(len(optional(asked_list(group, way), []))):
            if not optional(read_text(group, way, position, "description"), "").strip():
                yield Problem(f"{way}[{position}].description is not set", "what it lets through, and for whom")
