"""Where things stand in the network: subnets by the things they hold, and which subnets have a way in from the internet."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import cast

from policies.facts.network.security_groups import public
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present, Step, is_unknown
from policies.resources.reading import optional, read_text, refuse
from policies.resources.references import belonging, depended_on, named, references
from policies.resources.requested import asked_list, asked_text

ROUTING = frozenset({
    tokens.SUBNET, tokens.ROUTE, tokens.ROUTE_TABLE, tokens.DEFAULT_ROUTE_TABLE, tokens.MAIN_ROUTE_TABLE,
    tokens.ROUTE_TABLE_ASSOCIATION, tokens.INTERNET_GATEWAY,
})  # fmt: skip


def subnets_of(graph: Graph, resource: Resource, *path: Step) -> frozenset[str]:
    """The subnets that a property names: URNs in this stack, ids outside. Raises NotDecidedError where that is unknown."""
    found = named(graph, resource, tokens.SUBNET, *path)
    if not found:
        refuse(".".join(str(step) for step in path), "names no subnet")
    return found


def vpc_ranges(graph: Graph, vpc: Resource) -> list[ipaddress.IPv4Network]:
    """The IPv4 ranges of a VPC, those that are added to it included; none where one of them is not known."""
    owners = (vpc, *belonging(graph, vpc, tokens.VPC_RANGE, "vpcId"))
    found = [range_of(owner) for owner in owners]
    return [] if None in found else [held for held in found if held is not None]


def range_of(resource: Resource) -> ipaddress.IPv4Network | None:
    """The IPv4 range of a VPC or subnet; None where it is not known, or none."""
    found = read_text(resource, "cidrBlock")
    try:
        return ipaddress.IPv4Network(found.value, strict=False) if isinstance(found, Present) else None
    except ValueError:
        return None  # AWS refuses it


def read_overlaps(graph: Graph) -> Mapping[str, Resource]:
    """By the URN of a subnet the one before it whose range it shares, in one VPC."""
    position = {subnet.urn: place for place, subnet in enumerate(graph.of_type(tokens.SUBNET))}
    found: dict[str, Resource] = {}
    for vpc in graph.of_type(tokens.VPC):
        held = [
            (network, subnet)
            for subnet in belonging(graph, vpc, tokens.SUBNET, "vpcId")
            if (network := range_of(subnet)) is not None
        ]
        held.sort(key=lambda pair: (pair[0].network_address, pair[0].prefixlen))
        widest: tuple[ipaddress.IPv4Network, Resource] | None = None
        for network, subnet in held:
            if widest is not None and network.overlaps(widest[0]):
                first, later = sorted((widest[1], subnet), key=lambda one: position[one.urn])
                found[later.urn] = first
            if widest is None or network.broadcast_address > widest[0].broadcast_address:
                widest = (network, subnet)
    return found


def database_subnets(graph: Graph) -> frozenset[str]:
    """The subnets of database subnet groups: URNs in this stack, ids outside."""
    groups = graph.of_type(tokens.DB_SUBNET_GROUP)
    return frozenset(key for group in groups for key in references(graph, group, tokens.SUBNET, "subnetIds").keys)


def zones_of(graph: Graph, subnets: frozenset[str], where: str) -> int:
    """How many Availability Zones subnets span; a subnet outside the stack counts as a zone of its own."""
    zones: set[str] = set()
    for key in subnets:
        subnet = graph.get(key)
        if subnet is None:
            zones.add(key)
            continue
        zone, zone_id = asked_text(subnet, "availabilityZone"), asked_text(subnet, "availabilityZoneId")
        known = [reading.value for reading in (zone, zone_id) if isinstance(reading, Present)]
        if not known:
            refuse(where, f"names {subnet.urn}, whose availabilityZone is not known: choose it")
        zones.add(known[0])
    return len(zones)


def read_public_subnets(graph: Graph) -> Iterator[str]:
    """URNs and ids of the subnets whose route table leads to an internet gateway."""
    tables = set(_public_tables(graph))
    associated: set[str] = set()
    for association in graph.of_type(tokens.ROUTE_TABLE_ASSOCIATION):
        subnets = references(graph, association, tokens.SUBNET, "subnetId").keys
        associated |= subnets
        if references(graph, association, tokens.ROUTE_TABLE, "routeTableId").keys & tables:
            yield from subnets
    main_is_public = any(table.urn in tables for table in graph.of_type(tokens.DEFAULT_ROUTE_TABLE)) or any(
        references(graph, main, tokens.ROUTE_TABLE, "routeTableId").keys & tables
        for main in graph.of_type(tokens.MAIN_ROUTE_TABLE)
    )
    # A route for the main table by the network's attribute, which a program has without the table being in the stack.
    main_is_public = main_is_public or any(
        _leads_out(graph, route, route.props) and depended_on(graph, route, "routeTableId", tokens.VPC)
        for route in graph.of_type(tokens.ROUTE)
    )
    for subnet in graph.of_type(tokens.SUBNET) if main_is_public else ():
        if subnet.urn not in associated:
            yield subnet.urn


def _public_tables(graph: Graph) -> Iterator[str]:
    for route in graph.of_type(tokens.ROUTE):
        if _leads_out(graph, route, route.props):
            for kind in (tokens.ROUTE_TABLE, tokens.DEFAULT_ROUTE_TABLE):
                yield from references(graph, route, kind, "routeTableId").keys
    for table in graph.of_type(tokens.ROUTE_TABLE, tokens.DEFAULT_ROUTE_TABLE):
        for item in optional(asked_list(table, "routes"), []):
            if not isinstance(item, Mapping):
                refuse("routes", f"of {table.urn} holds what is no route")
            if _leads_out(graph, table, cast("Mapping[str, object]", item)):
                yield table.urn


def _leads_out(graph: Graph, resource: Resource, route: Mapping[str, object]) -> bool:
    """Whether a route leads to an internet gateway, to whatever part of the internet."""
    keys = ("destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock")
    gateway = route.get("gatewayId")
    if gateway is None or any(
        isinstance(to := read_text(route, key), Present) and not public(to.value) for key in keys
    ):
        return False
    if is_unknown(gateway):
        prop = "gatewayId" if resource.type == tokens.ROUTE else "routes"
        return bool(depended_on(graph, resource, prop, tokens.INTERNET_GATEWAY))
    return isinstance(gateway, str) and gateway.startswith("igw-")
