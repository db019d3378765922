"""Policies about address ranges: a network's own, shared by nobody, with room for the tasks in each of its subnets."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator

from policies.facts.network.subnets import subnets_of
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.reading import Absent, Present, read, read_text
from policies.resources.requested import asked_text
from policies.rules.policy import PRD_ONLY, setting
from policies.rules.property_checks import one_of
from policies.rules.rule import Problem, Stack, policy

_VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/"
_PRIVATE = tuple(
    ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""RFC 1918 and RFC 6598."""
_KEPT = 5
"""Addresses of each subnet that AWS keeps (VPC User Guide, Subnet sizing)."""


def private(network: ipaddress.IPv4Network) -> bool:
    """Whether a range is for networks of one's own."""
    return any(network.subnet_of(known) for known in _PRIVATE)


def _network(resource: Resource) -> ipaddress.IPv4Network | None:
    found = read_text(resource, "cidrBlock")
    try:
        return ipaddress.IPv4Network(found.value, strict=False) if isinstance(found, Present) else None
    except ValueError:
        return None  # AWS refuses it


@policy(
    what="A VPC has private addresses, and shares AWS's machines.",
    why="In a range of the internet the hosts that really have those addresses are out of reach; Fargate has no dedicated tenancy.",
    severity="high",
    how_to_fix="Set cidrBlock within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, and leave instanceTenancy out.",
    url=_VPC + "vpc-cidr-blocks.html",
    types=(tokens.VPC,),
)
def vpc_own_range(stack: Stack, vpc: Resource) -> Iterator[Problem]:
    network = _network(vpc)
    if network is not None and not private(network):
        yield Problem(f"cidrBlock is {network}, which is somebody's on the internet", "a private range")
    yield from one_of("instanceTenancy", allowed=frozenset({"default"}), default="default")(stack, vpc)


@policy(
    what="The subnets of a service are in zones of their own, with addresses for its tasks.",
    why="Each task takes an address: where none is left no task starts, and a deployment needs twice as many.",
    severity="medium",
    how_to_fix="Give each subnet a range of /26 or more, and one zone each.",
    url=_VPC + "subnet-sizing.html",
    levels=PRD_ONLY,
    settings=(setting("minimumAddresses", 48, "Addresses that each subnet of a service has for tasks, at least."),),
    types=(tokens.SERVICE,),
    also=(tokens.SUBNET,),
)
def subnets_have_room(stack: Stack, service: Resource) -> Iterator[Problem]:
    if isinstance(read(service, "networkConfiguration"), Absent):
        return
    least = stack.number("minimumAddresses")
    subnets = [
        held
        for key in sorted(subnets_of(stack.graph, service, "networkConfiguration", "subnets"))
        if (held := stack.graph.get(key))
    ]
    for subnet in subnets:
        network = _network(subnet)
        if network is not None and network.num_addresses - _KEPT < least:
            free = max(0, network.num_addresses - _KEPT)
            yield Problem(f"its subnet {subnet.name} has {free} addresses ({network})", f"at least {least}")
    zones = Counter(
        zone.value for subnet in subnets if isinstance(zone := asked_text(subnet, "availabilityZone"), Present)
    )
    elsewhere = stack.graph.by_text(tokens.SUBNET, "availabilityZone").keys() - set(zones)
    for zone, count in sorted(zones.items()):
        if count > 1 and elsewhere:
            yield Problem(
                f"{count} of its subnets are in {zone}, and none in {', '.join(sorted(elsewhere))}", "one in each zone"
            )
