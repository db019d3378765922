"""The policy `network-joined-on-purpose`: with which other networks the stack's is joined, somebody has looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, Present, is_unknown
from policies.resources.reading import optional, read_text
from policies.resources.references import belonging, depended_on, references
from policies.resources.requested import asked_list, asked_text
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, policy

_ACCEPTER = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
_TRANSIT_GATEWAY = "aws:ec2transitgateway/transitGateway:TransitGateway"
_JOINS: Mapping[str, tuple[tuple[str, str], ...]] = {
    tokens.VPC_PEERING: (("peerVpcId", tokens.VPC),),
    _ACCEPTER: (("vpcPeeringConnectionId", tokens.VPC_PEERING),),
    tokens.TRANSIT_ATTACHMENT: (("transitGatewayId", _TRANSIT_GATEWAY),),
    "aws:ec2transitgateway/peeringAttachment:PeeringAttachment": (("peerTransitGatewayId", ""),),
    tokens.VPN_CONNECTION: (("customerGatewayId", ""),),
    "aws:ec2clientvpn/networkAssociation:NetworkAssociation": (("clientVpnEndpointId", ""),),
    "aws:directconnect/gatewayAssociation:GatewayAssociation": (("dxGatewayId", ""),),
    "aws:networkmanager/vpcAttachment:VpcAttachment": (("coreNetworkId", ""),),
}
"""Type that joins networks, to the property that names the other side, and the type of which one of the stack is known by that alone."""
_TABLES = (tokens.ROUTE_TABLE, tokens.DEFAULT_ROUTE_TABLE, tokens.VPC)
"""What a route is for: a table, or by a VPC's attribute its main one."""
_OWNERS = ("peerOwnerId", "peerAccountId")
_LEADS = (
    "vpcPeeringConnectionId", "transitGatewayId", "coreNetworkArn", "gatewayId", "localGatewayId", "carrierGatewayId",
)  # fmt: skip

_LED_TO = {
    "vpcPeeringConnectionId": (tokens.VPC_PEERING, _ACCEPTER),
    "transitGatewayId": (_TRANSIT_GATEWAY,),
    "gatewayId": (tokens.VPN_GATEWAY,),
}


@policy(
    what="The stack's network is joined with others only on purpose, and the database's subnets with none.",
    why="Whoever is in the other network stands behind the load balancer and its logs; another stage's is then one rule away.",
    severity="high",
    how_to_fix="Remove it, or list the other side in the setting known, when somebody has looked at what may come from there.",
    url="https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html",
    settings=(
        setting(
            "known",
            (),
            "Ids of networks, gateways and accounts outside the stack that it may be joined with; names for those in it.",
        ),
    ),
    types=(*_JOINS, tokens.ROUTE, tokens.ROUTE_TABLE, tokens.DEFAULT_ROUTE_TABLE),
    also=(tokens.DB_SUBNET_GROUP, tokens.ROUTE_TABLE_ASSOCIATION),
)
def network_joined_on_purpose(stack: Stack, resource: Resource) -> Iterator[Problem]:
    known = frozenset(stack.texts("known"))
    if resource.type in _JOINS:
        yield from _joined(stack, resource, known)
    elif resource.type == tokens.ROUTE:
        named = [stack.graph.get(urn) for urn in resource.property_dependencies.get("routeTableId", ())]
        named += [
            stack.graph.get(key) for key in references(stack.graph, resource, tokens.ROUTE_TABLE, "routeTableId").keys
        ]
        tables = [held for held in named if held is not None and held.type in _TABLES]
        if any(_of_databases(stack, table) for table in tables):
            yield from _led(stack.graph, resource, resource.props, known)
    elif _of_databases(stack, resource):
        for item in optional(asked_list(resource, "routes"), []):
            if isinstance(item, Mapping):
                yield from _led(stack.graph, resource, cast("Mapping[str, object]", item), known)


def _joined(stack: Stack, resource: Resource, known: frozenset[str]) -> Iterator[Problem]:
    for prop in _OWNERS:
        owner = asked_text(resource, prop)
        if isinstance(owner, Present) and owner.value not in (*known, stack.facts.account, ""):
            yield Problem(f"{prop} is the account {owner.value[:20]}", "a network of one's own account")
            return
    for prop, kind in _JOINS[resource.type]:
        found = asked_text(resource, prop)
        if isinstance(found, Present):
            held = stack.graph.by_handle(kind).get(found.value) if kind else None
            if held is None and found.value not in known:
                yield Problem(
                    f"{prop} is {found.value[:60]}, which is not of this stack", "one that the setting known lists"
                )
        elif not isinstance(found, Absent) and not (kind and depended_on(stack.graph, resource, prop, kind)):
            others = [stack.graph.get(urn) for urn in resource.property_dependencies.get(prop, ())]
            names = sorted(other.name for other in others if other is not None)
            if not names or not known.issuperset(names):
                yield Problem(
                    f"{prop} is {', '.join(names)[:60] or 'not known'}, behind which this stack does not see",
                    "one that the setting known lists",
                )


def _of_databases(stack: Stack, table: Resource) -> bool:
    """Whether a subnet of a database is on a route table; on the main one, and what stands for it, are those that are on no other."""
    if table.type != tokens.ROUTE_TABLE:
        return bool(stack.facts.database_subnets - _associated(stack.graph))
    for association in belonging(stack.graph, table, tokens.ROUTE_TABLE_ASSOCIATION, "routeTableId"):
        if references(stack.graph, association, tokens.SUBNET, "subnetId").keys & stack.facts.database_subnets:
            return True
    return False


@per_graph
def _associated(graph: Graph) -> frozenset[str]:
    """The subnets that are on a route table of their own."""
    items = graph.of_type(tokens.ROUTE_TABLE_ASSOCIATION)
    return frozenset(key for item in items for key in references(graph, item, tokens.SUBNET, "subnetId").keys)


def _led(graph: Graph, owner: Resource, route: Mapping[str, object], known: frozenset[str]) -> Iterator[Problem]:
    """Where a route of a database's subnets leads, when that is another network."""
    own = owner.type == tokens.ROUTE
    for key in _LEADS:
        value = route.get(key)
        if value is None or value == "" or (is_unknown(value) and own and not owner.property_dependencies.get(key)):
            continue
        to_vpn = str(value).startswith("vgw-") or (
            is_unknown(value) and own and bool(depended_on(graph, owner, key, tokens.VPN_GATEWAY))
        )
        if key == "gatewayId" and not to_vpn:
            continue  # local, or an internet gateway, which private-subnets reports
        names = _names(graph, owner, key) if is_unknown(value) else ()
        if str(value) not in known and not (names and known.issuperset(names)):
            to = read_text(route, "destinationCidrBlock")
            shown = f" for {to.value[:50]}" if isinstance(to, Present) else ""
            what = ", ".join(names)[:60] or (str(value)[:60] if not is_unknown(value) else "another network")
            yield Problem(f"its route{shown} leads subnets of a database to {what} ({key})", "no way but the clients'")


def _names(graph: Graph, owner: Resource, key: str) -> tuple[str, ...]:
    """What in the stack a route leads to, by its name: its id is not known before it is there."""
    prop = key if owner.type == tokens.ROUTE else "routes"
    return tuple(held.name for kind in _LED_TO.get(key, ()) for held in depended_on(graph, owner, prop, kind))
