"""Which subnets have a way in from the internet, in which zones they are, and what cannot be determined."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.facts.network.subnets import subnets_of, zones_of
from policies.resources import tokens
from policies.resources.outcomes import Undecided, decided


@pytest.fixture
def net(stack: Any, unknown: str) -> Any:
    """Subnets a and b in two zones; a is associated with a table that has no route out."""
    for zone in "ab":
        stack.add(tokens.SUBNET, zone, {"id": unknown, "availabilityZone": f"eu-west-1{zone}"})
    stack.add(tokens.ROUTE_TABLE, "table", {"id": unknown, "routes": unknown})
    stack.add(tokens.INTERNET_GATEWAY, "gateway", {"id": unknown})
    stack.add(
        tokens.ROUTE_TABLE_ASSOCIATION,
        "a",
        {"subnetId": unknown, "routeTableId": unknown},
        subnetId=(stack.urn(tokens.SUBNET, "a"),),
        routeTableId=(stack.urn(tokens.ROUTE_TABLE, "table"),),
    )
    return stack


def names(stack: Any) -> set[str]:
    return {key.rpartition("::")[2] for key in Facts(stack.graph()).public_subnets}


def test_without_a_route_nothing_is_public(net: Any) -> None:
    assert names(net) == set()


@pytest.mark.parametrize("destination", [{"destinationCidrBlock": "0.0.0.0/0"}, {"destinationIpv6CidrBlock": "::/0"}])
def test_a_route_to_an_internet_gateway_makes_its_subnets_public(
    net: Any, unknown: str, destination: dict[str, str]
) -> None:
    route = {"gatewayId": unknown, "routeTableId": unknown, **destination}
    table, gateway = (net.urn(tokens.ROUTE_TABLE, "table"),), (net.urn(tokens.INTERNET_GATEWAY, "gateway"),)
    net.add(tokens.ROUTE, "out", route, routeTableId=table, gatewayId=gateway)
    assert names(net) == {"a"}


@pytest.mark.parametrize(
    "route",
    [
        {"destinationCidrBlock": "10.9.0.0/16", "gatewayId": "igw-1"},
        {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "vgw-1"},
        {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"},
    ],
)
def test_other_routes_do_not(net: Any, unknown: str, route: dict[str, str]) -> None:
    table = (net.urn(tokens.ROUTE_TABLE, "table"),)
    net.add(tokens.ROUTE, "out", {"routeTableId": unknown, **route}, routeTableId=table)
    assert names(net) == set()


def test_inline_routes_count(net: Any) -> None:
    net.change(net.urn(tokens.ROUTE_TABLE, "table"), routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}])
    assert names(net) == {"a"}


def test_a_public_main_table_holds_for_what_is_not_associated(net: Any) -> None:
    route = {"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}
    net.add(tokens.DEFAULT_ROUTE_TABLE, "main", {"routes": [route]})
    assert names(net) == {"b"}


def test_known_ids_and_unknown_ones_name_the_same_subnets(net: Any, unknown: str) -> None:
    both = tuple(net.urn(tokens.SUBNET, zone) for zone in "ab")
    net.add("t", "unknown", {"subnets": [unknown, unknown]}, subnets=both)
    # A provider that keeps ids out of its outputs: the dependencies explain them.
    net.add("t", "known", {"subnets": ["subnet-1", "subnet-2"]}, subnets=both)
    net.add("t", "foreign", {"subnets": ["subnet-8", "subnet-9"]})
    graph = net.graph()
    found = {
        name: subnets_of(graph, resource, "subnets")
        for name in ("unknown", "known", "foreign")
        if (resource := graph.get(net.urn("t", name))) is not None
    }
    assert found["unknown"] == found["known"] == frozenset(both)
    assert found["foreign"] == {"subnet-8", "subnet-9"}
    assert [zones_of(graph, keys, "subnets") for keys in found.values()] == [2, 2, 2]


@pytest.mark.parametrize(
    ("props", "reason"),
    [
        ({"subnets": "{unknown}"}, "is unknown at preview"),
        ({}, "names no subnet"),
        ({"subnets": []}, "names no subnet"),
    ],
)
def test_subnets_of_nothing_are_undecided(net: Any, unknown: str, props: dict[str, Any], reason: str) -> None:
    shown = {key: unknown if value == "{unknown}" else value for key, value in props.items()}
    urn = net.add("t", "r", shown)
    graph = net.graph()
    resource = graph.get(urn)
    assert resource is not None
    assert decided(lambda: subnets_of(graph, resource, "subnets")) == Undecided("subnets", reason)


def test_a_zone_left_to_aws_is_undecided(net: Any, unknown: str) -> None:
    urn = net.urn(tokens.SUBNET, "a")
    net.change(urn, availabilityZone=unknown)
    found = decided(lambda: zones_of(net.graph(), frozenset({urn}), "subnets"))
    assert found == Undecided("subnets", f"names {urn}, whose availabilityZone is not known: choose it")
