"""Policies about address ranges: a network's own, shared by nobody, with room for the tasks in each of its subnets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from policies.facts.network.ranges import private
from policies.facts.network.subnets import range_of, subnets_of, vpc_ranges
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import read
from policies.resources.references import references
from policies.resources.requested import asked_text
from policies.rules.policy import PRD_ONLY, VPC_GUIDE, setting
from policies.rules.property_checks import one_of
from policies.rules.rule import Problem, Stack, policy

_KEPT = 5
"""Addresses of each subnet that AWS keeps (VPC User Guide, Subnet sizing)."""


@policy(
    what="A VPC has private addresses, and shares AWS's machines.",
    why="In a range of the internet the hosts that really have those addresses are out of reach; Fargate has no dedicated tenancy.",
    severity="high",
    how_to_fix="Set cidrBlock within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, and leave instanceTenancy out.",
    url=VPC_GUIDE + "vpc-cidr-blocks.html",
    types=(tokens.VPC,),
)
def vpc_own_range(stack: Stack, vpc: Resource) -> Iterator[Problem]:
    network = range_of(vpc)
    if network is not None and not private(network):
        yield Problem(f"cidrBlock is {network}, which is somebody's on the internet", "a private range")
    yield from one_of("instanceTenancy", allowed=frozenset({"default"}), default="default")(stack, vpc)


@policy(
    what="The subnets of a service are in zones of their own, with addresses for its tasks.",
    why="Each task takes an address: where none is left no task starts, and a deployment needs twice as many.",
    severity="medium",
    how_to_fix="Give each subnet a range of /26 or more, and one zone each.",
    url=VPC_GUIDE + "subnet-sizing.html",
    levels=PRD_ONLY,
    settings=(setting("minimumAddresses", 48, "Addresses that each subnet of a service has for tasks, at least."),),
    types=(tokens.SERVICE,),
    also=(tokens.SUBNET,),
)
def subnets_have_room(stack: Stack, service: Resource) -> Iterator[Problem]:
    if isinstance(read(service, "networkConfiguration"), Absent):
        return
    least = stack.number("minimumAddresses")
    subnets = stack.graph.held(subnets_of(stack.graph, service, "networkConfiguration", "subnets"))
    for subnet in subnets:
        network = range_of(subnet)
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


@policy(
    what="A subnet's range is within its VPC's, and shared with no other subnet.",
    why="AWS refuses the subnet, when half of the network is there already.",
    severity="medium",
    how_to_fix="Choose a free range within cidrBlock of the VPC.",
    url=VPC_GUIDE + "subnet-sizing.html",
    types=(tokens.SUBNET,),
    also=(tokens.VPC, tokens.VPC_RANGE),
)
def subnet_range_fits(stack: Stack, subnet: Resource) -> Iterator[Problem]:
    network = range_of(subnet)
    if network is None:
        return
    for vpc in stack.graph.held(references(stack.graph, subnet, tokens.VPC, "vpcId").keys):
        ranges = vpc_ranges(stack.graph, vpc)
        if ranges and not any(network.subnet_of(held) for held in ranges):
            yield Problem(f"cidrBlock is {network}, and its VPC has {', '.join(map(str, ranges))}", "a range within it")
    if other := stack.facts.overlapping_subnets.get(subnet.urn):
        yield Problem(f"cidrBlock is {network}, of which {other.name} has a part", "a range of its own")
    if not 16 <= network.prefixlen <= 28:
        yield Problem(f"cidrBlock is {network}, and AWS takes /16 to /28", "/16 to /28")
