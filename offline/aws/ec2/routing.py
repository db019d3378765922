"""Addresses, NAT gateways, route tables, routes and their associations."""

from __future__ import annotations

import hashlib
from typing import Any

from offline.aws.api import Aws
from offline.aws.ec2.tags import retag, tagged
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import delete_by, each, pascal, unchanged
from offline.aws.shapes import present

_ROUTE_TARGETS = {
    "carrierGatewayId": "CarrierGatewayId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcEndpointId": "VpcEndpointId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}
_ROUTE_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_INLINE_ROUTE = pascal(
    cidrBlock="DestinationCidrBlock",
    ipv6CidrBlock="DestinationIpv6CidrBlock",
    **_ROUTE_DESTINATIONS,
    **_ROUTE_TARGETS,
)
_EIP = pascal("address domain networkBorderGroup publicIpv4Pool", tags=tagged("elastic-ip"))
_NAT_GATEWAY = pascal("allocationId connectivityType subnetId", tags=tagged("natgateway"))
_NAT_ADDRESS = ("associationId", "networkInterfaceId", "privateIp", "publicIp")
_ROUTE_TABLE = pascal("vpcId", tags=tagged("route-table"))


def _create_eip(aws: Aws, inputs: dict[str, Any]) -> Applied:
    answer = aws.call("ec2", "allocate_address", **_EIP.of("aws:ec2/eip:Eip", {"domain": "vpc", **inputs}))
    allocation_id, address = answer["AllocationId"], answer["PublicIp"]
    dns_name = f"ec2-{address.replace('.', '-')}.{aws.region}.compute.amazonaws.com"
    return Applied(
        id=allocation_id, outputs={"allocationId": allocation_id, "publicIp": address, "publicDns": dns_name}
    )


def _create_nat_gateway(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = _NAT_GATEWAY.of("aws:ec2/natGateway:NatGateway", inputs)
    gateway = aws.call("ec2", "create_nat_gateway", **request)["NatGateway"]
    address = next(iter(gateway.get("NatGatewayAddresses", [])), {})
    outputs = {name: address.get(name[:1].upper() + name[1:], "") for name in _NAT_ADDRESS}
    return Applied(id=gateway["NatGatewayId"], outputs=outputs)


def _delete_nat_gateway(aws: Aws, old: Recorded) -> None:
    # AWS lets go of the address when the gateway is gone; moto only when it is asked to.
    aws.call("ec2", "delete_nat_gateway", NatGatewayId=old.id)
    if old.outputs.get("associationId"):
        aws.call("ec2", "disassociate_address", AssociationId=old.outputs["associationId"])


def _inline_routes(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    return each(_INLINE_ROUTE)("aws:ec2/routeTable:RouteTable.routes", inputs.get("routes", []))


def _destination(route: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in route.items() if name.startswith("Destination") and value}


def _create_route_table(aws: Aws, inputs: dict[str, Any]) -> Applied:
    _inline_routes(inputs)
    answer = aws.call("ec2", "create_route_table", **_ROUTE_TABLE.of("aws:ec2/routeTable:RouteTable", inputs))
    table_id = answer["RouteTable"]["RouteTableId"]
    _change_routes(aws, table_id, {}, inputs)
    return Applied(id=table_id, outputs={})


def _change_routes(aws: Aws, table_id: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = _inline_routes(old), _inline_routes(new)
    for route in before:
        if route not in after:
            aws.call("ec2", "delete_route", RouteTableId=table_id, **_destination(route))
    for route in after:
        if route not in before:
            aws.call("ec2", "create_route", RouteTableId=table_id, **route)


def _update_route_table(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    _change_routes(aws, old.id, old.inputs, inputs)


def _route_params(inputs: dict[str, Any]) -> dict[str, Any]:
    names = {**_ROUTE_DESTINATIONS, **_ROUTE_TARGETS}
    params = {names[key]: value for key, value in inputs.items() if key in names and value}
    if not _destination(params) or len(params) < 2:
        raise AwsInputError(["aws:ec2/route:Route needs one destination (destinationCidrBlock, …) and one target."])
    return params


def _create_route(aws: Aws, inputs: dict[str, Any]) -> Applied:
    aws.call("ec2", "create_route", RouteTableId=inputs["routeTableId"], **_route_params(inputs))
    destination = next(inputs[name] for name in _ROUTE_DESTINATIONS if inputs.get(name))
    digest = hashlib.sha256(str(destination).encode()).hexdigest()[:10]
    return Applied(id=f"r-{inputs['routeTableId']}-{digest}", outputs={})


def _update_route(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    aws.call("ec2", "replace_route", RouteTableId=inputs["routeTableId"], **_route_params(inputs))


def _delete_route(aws: Aws, old: Recorded) -> None:
    route = _destination(_route_params(old.inputs))
    aws.call("ec2", "delete_route", RouteTableId=old.inputs["routeTableId"], **route)


def _create_association(aws: Aws, inputs: dict[str, Any]) -> Applied:
    answer = aws.call(
        "ec2",
        "associate_route_table",
        **present(
            RouteTableId=inputs["routeTableId"], SubnetId=inputs.get("subnetId"), GatewayId=inputs.get("gatewayId")
        ),
    )
    return Applied(id=answer["AssociationId"], outputs={})


def _update_association(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    answer = aws.call(
        "ec2", "replace_route_table_association", AssociationId=old.id, RouteTableId=inputs["routeTableId"]
    )
    return Applied(id=answer["NewAssociationId"], outputs={})


HANDLERS = (
    Handler(
        type_token="aws:ec2/eip:Eip",
        inputs=_EIP.names,
        create=_create_eip,
        update=unchanged,
        delete=delete_by("ec2", "release_address", "AllocationId"),
        replace_on=_EIP.names - {"tags"},
        defaults={"domain": "vpc"},
        arn="ec2:elastic-ip/{id}",
        retag=retag,
    ),
    Handler(
        type_token="aws:ec2/natGateway:NatGateway",
        inputs=_NAT_GATEWAY.names,
        required=frozenset({"subnetId"}),
        create=_create_nat_gateway,
        update=unchanged,
        delete=_delete_nat_gateway,
        replace_on=_NAT_GATEWAY.names - {"tags"},
        defaults={"connectivityType": "public"},
        retag=retag,
        # An address can be associated once.
        delete_before_replace=True,
    ),
    Handler(
        type_token="aws:ec2/routeTable:RouteTable",
        inputs=frozenset({"vpcId", "routes", "tags"}),
        required=frozenset({"vpcId"}),
        create=_create_route_table,
        update=_update_route_table,
        delete=delete_by("ec2", "delete_route_table", "RouteTableId"),
        replace_on=frozenset({"vpcId"}),
        defaults={"routes": []},
        arn="ec2:route-table/{id}",
        account="ownerId",
        retag=retag,
    ),
    Handler(
        type_token="aws:ec2/route:Route",
        inputs=frozenset({"routeTableId", *_ROUTE_DESTINATIONS, *_ROUTE_TARGETS}),
        required=frozenset({"routeTableId"}),
        create=_create_route,
        update=_update_route,
        delete=_delete_route,
        replace_on=frozenset({"routeTableId", *_ROUTE_DESTINATIONS}),
        defaults={"origin": "CreateRoute", "state": "active"},
        delete_before_replace=True,
    ),
    Handler(
        type_token="aws:ec2/routeTableAssociation:RouteTableAssociation",
        inputs=frozenset({"routeTableId", "subnetId", "gatewayId"}),
        required=frozenset({"routeTableId"}),
        create=_create_association,
        update=_update_association,
        delete=delete_by("ec2", "disassociate_route_table", "AssociationId"),
        replace_on=frozenset({"subnetId", "gatewayId"}),
        delete_before_replace=True,
    ),
)
