"""Policies about gateways: bound to a network, with an address of their own, and used by the zone that they stand in."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.network.subnets import ROUTING
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.references import belonging, depended_on, references
from policies.resources.requested import asked_list, asked_text
from policies.rules.policy import PRD_ONLY, VPC_GUIDE
from policies.rules.rule import Problem, Stack, policy

_ATTACHED = {
    tokens.INTERNET_GATEWAY: (tokens.GATEWAY_ATTACHMENT, "internetGatewayId"),
    tokens.VPN_GATEWAY: (tokens.VPN_ATTACHMENT, "vpnGatewayId"),
}
"""Type to what binds it to a VPC beside its own vpcId, and that one's property."""
_ADDRESSED = {
    tokens.NAT_GATEWAY: ("allocationId", "secondaryAllocationIds"),
    tokens.EIP_ASSOCIATION: ("allocationId",),
    tokens.LOAD_BALANCER: ("subnetMappings",),
}
"""Type to its properties that name elastic addresses."""


@policy(
    what="A gateway belongs to a network.",
    why="AWS refuses routes to a gateway that is attached to nothing, and with them everything behind them.",
    severity="high",
    how_to_fix="Set vpcId.",
    url=VPC_GUIDE + "VPC_Internet_Gateway.html",
    types=_ATTACHED,
    also=tuple(kind for kind, _ in _ATTACHED.values()),
)
def gateway_attached(stack: Stack, gateway: Resource) -> Iterator[Problem]:
    if isinstance(asked_text(gateway, "vpcId"), Absent) and not belonging(
        stack.graph, gateway, *_ATTACHED[gateway.type]
    ):
        yield Problem("vpcId is not set", "a VPC")


@policy(
    what="An elastic address is used once.",
    why="AWS refuses the second user: that zone is then without a way out.",
    severity="high",
    how_to_fix="Give each NAT gateway and load balancer an aws.ec2.Eip of its own.",
    url=VPC_GUIDE + "nat-gateway-basics.html",
    types=_ADDRESSED,
    also=(tokens.EIP,),
)
def address_used_once(stack: Stack, resource: Resource) -> Iterator[Problem]:
    for prop in _ADDRESSED[resource.type]:
        for key in sorted(_addresses(stack.graph, resource, prop)):
            others = [
                other
                for kind, props in _ADDRESSED.items()
                for theirs in props
                for other in _users(stack.graph, key, kind, theirs)
                if other.urn != resource.urn
            ]
            earlier = [other for other in others if _before(stack.graph, other, resource)]
            if earlier:
                held = stack.graph.get(key)
                yield Problem(
                    f"{prop} is {held.name if held else key[:60]}, which {earlier[0].name} has, too",
                    "an address of its own",
                )


def _addresses(graph: Graph, resource: Resource, prop: str) -> frozenset[str]:
    if prop == "subnetMappings":
        return frozenset(held.urn for held in depended_on(graph, resource, prop, tokens.EIP))
    return references(graph, resource, tokens.EIP, prop).keys


def _users(graph: Graph, address: str, kind: str, prop: str) -> list[Resource]:
    held = graph.get(address)
    if held is None:
        return [other for other in graph.of_type(kind) if address in _addresses(graph, other, prop)]
    if prop == "subnetMappings":
        return [other for other in graph.of_type(kind) if held in depended_on(graph, other, prop, tokens.EIP)]
    return belonging(graph, held, kind, prop)


def _before(graph: Graph, one: Resource, other: Resource) -> bool:
    """Whether the program registers one of two resources first: the second is the one that is too many."""
    kinds = list(_ADDRESSED)
    if one.type != other.type:
        return kinds.index(one.type) < kinds.index(other.type)
    return next(held is one for held in graph.of_type(one.type) if held is one or held is other)


@policy(
    what="A subnet reaches the internet by the NAT gateway of its own zone, where that zone has one.",
    why="By another zone's it loses the internet with that zone, and pays for each byte between the two.",
    severity="medium",
    how_to_fix="Route each zone's table to the NAT gateway in that zone.",
    url=VPC_GUIDE + "nat-gateway-basics.html",
    levels=PRD_ONLY,
    types=(tokens.ROUTE, tokens.ROUTE_TABLE),
    also=(tokens.NAT_GATEWAY, *ROUTING),
)
def route_in_own_zone(stack: Stack, resource: Resource) -> Iterator[Problem]:
    graph = stack.graph
    if resource.type == tokens.ROUTE:
        gateways = depended_on(graph, resource, "natGatewayId", tokens.NAT_GATEWAY)
        tables = graph.held(references(graph, resource, tokens.ROUTE_TABLE, "routeTableId").keys)
    else:
        gateways, tables = depended_on(graph, resource, "routes", tokens.NAT_GATEWAY), (resource,)
        if isinstance(asked_list(resource, "routes"), Absent):
            return
    if len(gateways) != 1:
        return
    zones = {
        zone
        for table in tables
        for association in belonging(graph, table, tokens.ROUTE_TABLE_ASSOCIATION, "routeTableId")
        for zone in _zones(graph, association)
    }
    own = _zones(graph, gateways[0])
    if len(zones) == 1 and own and not own & zones:
        there = [gateway for gateway in graph.of_type(tokens.NAT_GATEWAY) if _zones(graph, gateway) & zones]
        if there:
            yield Problem(
                f"it leads subnets in {min(zones)} to {gateways[0].name} in {min(own)}",
                f"{there[0].name} in {min(zones)}",
            )


def _zones(graph: Graph, resource: Resource) -> frozenset[str]:
    """The zones of the subnets that an association or a gateway names."""
    subnets = graph.held(references(graph, resource, tokens.SUBNET, "subnetId").keys)
    readings = (asked_text(subnet, "availabilityZone") for subnet in subnets)
    return frozenset(zone.value for zone in readings if isinstance(zone, Present))
