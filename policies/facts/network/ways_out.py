"""How a subnet reaches the internet: by a NAT gateway or another appliance, or, with a public address, by an internet gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Present, is_unknown
from policies.resources.reading import optional, read_text
from policies.resources.references import belonging, depended_on, references
from policies.resources.requested import asked_flag, asked_list, asked_text

_PRIVATE_DNS = "aws:vpc/endpointPrivateDns:EndpointPrivateDns"
_EVERYWHERE = frozenset({"0.0.0.0/0", "::/0"})
_DESTINATIONS = (
    "destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock", "destinationPrefixListId",
)  # fmt: skip
_APPLIANCES = (
    "transitGatewayId", "networkInterfaceId", "instanceId", "vpcEndpointId", "egressOnlyGatewayId", "vpcPeeringConnectionId",
    "localGatewayId", "carrierGatewayId", "coreNetworkArn",
)  # fmt: skip
"""Targets of a route behind which this stack does not see."""


@dataclass(frozen=True, slots=True)
class WaysOut:
    """internet: by an internet gateway, for what has a public address. behind: for everything, by NAT or an appliance."""

    internet: bool
    behind: bool


def ways_out(graph: Graph, subnet: Resource) -> WaysOut | None:
    """How a subnet of the stack reaches the internet; None where its route table is not in the stack."""
    return _ways_of(graph, subnet.urn)


@per_graph
def _ways_of(graph: Graph, subnet: str) -> WaysOut | None:
    held = graph.get(subnet)
    return None if held is None else _ways_out(graph, held, frozenset())


def _ways_out(graph: Graph, subnet: Resource, passed: frozenset[str]) -> WaysOut | None:
    """passed: the NAT gateways that led here, one of which may stand in a subnet that leads to itself."""
    tables = _tables(graph, subnet)
    if tables is None:
        return None
    targets = [target for table in tables for target in _targets(graph, table, passed)]
    return WaysOut(
        internet="internet" in targets, behind=any(target not in ("internet", "broken") for target in targets)
    )


def vpcs_of(graph: Graph, subnets: frozenset[str]) -> frozenset[str] | None:
    """The networks of subnets: URNs in this stack, ids outside; None where one is not known."""
    found: set[str] = set()
    for key in subnets:
        subnet = graph.get(key)
        if subnet is None:
            return None
        named = references(graph, subnet, tokens.VPC, "vpcId")
        if named.undecided is not None or not named.keys:
            return None
        found |= named.keys
    return frozenset(found)


@per_graph
def endpoints_of(graph: Graph, vpc: str) -> frozenset[str]:
    """The services of AWS that a network reaches by endpoints of its own, such as "ecr.api" and "s3"."""
    names = (
        read_text(endpoint, "serviceName")
        for endpoint in graph.of_type(tokens.VPC_ENDPOINT)
        if vpc in references(graph, endpoint, tokens.VPC, "vpcId").keys and _is_found(graph, endpoint)
    )
    return frozenset(".".join(name.value.split(".")[3:]) if isinstance(name, Present) else "" for name in names)


def _is_found(graph: Graph, endpoint: Resource) -> bool:
    """Whether who asks for a service by its own name is led to an endpoint: by its private DNS, or a zone of the stack."""
    if optional(asked_text(endpoint, "vpcEndpointType"), "Gateway") != "Interface":
        return True  # a gateway is a route
    if _has_private_dns(graph, endpoint):
        return True
    zones = (read_text(zone, "name") for zone in graph.of_type(tokens.DNS_ZONE))
    return any(not isinstance(zone, Present) or zone.value.rstrip(".").endswith("amazonaws.com") for zone in zones)


def _has_private_dns(graph: Graph, endpoint: Resource) -> bool:
    """Whether an endpoint has the service's own name, or may have it; by default it has not."""
    stated = (endpoint, *belonging(graph, endpoint, _PRIVATE_DNS, "vpcEndpointId"))
    return any(
        asked_flag(held, "privateDnsEnabled") not in (Absent("privateDnsEnabled"), Present(False)) for held in stated
    )


@per_graph
def interfaces_of(graph: Graph, vpc: str) -> Mapping[str, Resource]:
    """By the service of AWS, such as "ecr.api", the endpoint that has the service's own name in a network."""
    found: dict[str, Resource] = {}
    for endpoint in graph.of_type(tokens.VPC_ENDPOINT):
        name = read_text(endpoint, "serviceName")
        if (
            isinstance(name, Present)
            and _has_private_dns(graph, endpoint)
            and vpc in references(graph, endpoint, tokens.VPC, "vpcId").keys
        ):
            found[".".join(name.value.split(".")[3:])] = endpoint
    return found


def _tables(graph: Graph, subnet: Resource) -> list[Resource | None] | None:
    """The route tables of a subnet, [None] for the main one that AWS makes with the network; None where that is not known."""
    associated = belonging(graph, subnet, tokens.ROUTE_TABLE_ASSOCIATION, "subnetId")
    if associated:
        keys = {key for item in associated for key in references(graph, item, tokens.ROUTE_TABLE, "routeTableId").keys}
        tables = [graph.get(key) for key in keys]
        return None if not tables or None in tables else tables
    unread = (
        references(graph, item, tokens.SUBNET, "subnetId") for item in graph.of_type(tokens.ROUTE_TABLE_ASSOCIATION)
    )
    vpcs = references(graph, subnet, tokens.VPC, "vpcId").keys
    if any(named.undecided for named in unread) or not all(graph.get(key) for key in vpcs) or not vpcs:
        return None
    main = list(graph.of_type(tokens.DEFAULT_ROUTE_TABLE))
    for item in graph.of_type(tokens.MAIN_ROUTE_TABLE):
        if vpcs & references(graph, item, tokens.VPC, "vpcId").keys:
            main += graph.held(references(graph, item, tokens.ROUTE_TABLE, "routeTableId").keys)
    # A route of its own may be for the main table, by the network's attribute.
    by_attribute = [
        route
        for route in graph.of_type(tokens.ROUTE)
        if vpcs & set(route.property_dependencies.get("routeTableId", ()))
    ]
    return None if by_attribute else [*main] or [None]


def _targets(graph: Graph, table: Resource | None, passed: frozenset[str]) -> Iterator[str]:
    """Where the default routes of a table lead: internet, behind (something that hides the address), or broken."""
    if table is None:
        return
    for route in belonging(graph, table, tokens.ROUTE, "routeTableId"):
        yield from _target(graph, route, route.props, passed, own=True)
    routes = asked_list(table, "routes")
    if isinstance(routes, Present):
        for item in routes.value:
            if is_unknown(item):
                yield "internet"
                yield "behind"
            if isinstance(item, Mapping):
                yield from _target(graph, table, cast("Mapping[str, object]", item), passed, own=False)
    elif table.property_dependencies.get("routes"):
        yield "internet"
        yield "behind"


def _target(
    graph: Graph, owner: Resource, route: Mapping[str, object], passed: frozenset[str], *, own: bool
) -> Iterator[str]:
    destinations = [route[key] for key in _DESTINATIONS if route.get(key)]
    if not any(is_unknown(item) or str(item) in _EVERYWHERE or str(item).startswith("pl-") for item in destinations):
        return
    if route.get("natGatewayId"):
        gateways = depended_on(graph, owner, "natGatewayId" if own else "routes", tokens.NAT_GATEWAY)
        yield "behind" if all(_works(graph, gateway, passed) for gateway in gateways) else "broken"
    elif any(route.get(key) and not is_unknown(route[key]) for key in _APPLIANCES) or any(
        own and owner.property_dependencies.get(key) for key in _APPLIANCES
    ):
        yield "behind"
    elif route.get("gatewayId"):
        yield "behind" if str(route["gatewayId"]).startswith("vgw-") else "internet"


def _works(graph: Graph, gateway: Resource, passed: frozenset[str]) -> bool:
    """Whether a NAT gateway stands where an internet gateway is; a private one leads to other networks."""
    if gateway.urn in passed:
        return False
    if optional(asked_text(gateway, "connectivityType"), "public") != "public":
        return True
    subnets = graph.held(references(graph, gateway, tokens.SUBNET, "subnetId").keys)
    ways = [_ways_out(graph, subnet, passed | {gateway.urn}) for subnet in subnets]
    return all(way is None or way.internet for way in ways)
