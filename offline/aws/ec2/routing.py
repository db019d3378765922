"""Addresses, NAT gateways, route tables, routes and their associations."""

from __future__ import annotations

import hashlib
from typing import Any

from offline.aws.api import Aws
from offline.aws.ec2.tags import retag, tagged
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import delete_by, each, pascal
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
_ROUTE_TABLE = pascal("vpcId", tags=tagged("route-table"))


def _create_eip(aws: Aws, inputs: dict[str, Any]) -> Applied:
    answer = aws.call("ec2", "allocate_address", **_EIP.of("aws:ec2/eip:Eip", {"domain": "vpc", **inputs}))
    return _eip(aws, answer["AllocationId"], answer["PublicIp"], inputs)


def _eip(aws: Aws, allocation_id: str, address: str, inputs: dict[str, Any]) -> Applied:
    host = address.replace(".", "-")
    return Applied(
        id=allocation_id,
        outputs={
            "domain": "vpc",
            **inputs,
            "allocationId": allocation_id,
            "arn": f"arn:{aws.partition}:ec2:{aws.region}:{aws.account_id}:elastic-ip/{allocation_id}",
            "publicIp": address,
            "publicDns": f"ec2-{host}.{aws.region}.compute.amazonaws.com",
        },
    )


def _update_eip(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    retag(aws, old, inputs)
    return _eip(aws, old.id, old.outputs["publicIp"], inputs)


def _create_nat_gateway(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = _NAT_GATEWAY.of("aws:ec2/natGateway:NatGateway", inputs)
    gateway = aws.call("ec2", "create_nat_gateway", **request)["NatGateway"]
    return _nat_gateway(gateway, inputs)


def _nat_gateway(gateway: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    address = next(iter(gateway.get("NatGatewayAddresses", [])), {})
    return Applied(
        id=gateway["NatGatewayId"],
        outputs={
            "connectivityType": "public",
            **inputs,
            "associationId": address.get("AssociationId", ""),
            "networkInterfaceId": address.get("NetworkInterfaceId", ""),
            "privateIp": address.get("PrivateIp", ""),
            "publicIp": address.get("PublicIp", ""),
        },
    )


def _update_nat_gateway(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    retag(aws, old, inputs)
    return Applied(id=old.id, outputs={**old.outputs, **inputs})


def _delete_nat_gateway(aws: Aws, old: Recorded) -> None:
    # AWS lets go of the address when the gateway is gone; moto only when it is told to.
    aws.call("ec2", "delete_nat_gateway", NatGatewayId=old.id)
    if old.outputs.get("associationId"):
        aws.call("ec2", "disassociate_address", AssociationId=old.outputs["associationId"])


def _route_table(aws: Aws, table_id: str, inputs: dict[str, Any]) -> Applied:
    arn = f"arn:{aws.partition}:ec2:{aws.region}:{aws.account_id}:route-table/{table_id}"
    return Applied(id=table_id, outputs={"routes": [], **inputs, "arn": arn, "ownerId": aws.account_id})


def _inline_routes(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    return each(_INLINE_ROUTE)("aws:ec2/routeTable:RouteTable.routes", inputs.get("routes", []))


def _destination(route: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in route.items() if name.startswith("Destination") and value}


def _create_route_table(aws: Aws, inputs: dict[str, Any]) -> Applied:
    routes = _inline_routes(inputs)
    answer = aws.call("ec2", "create_route_table", **_ROUTE_TABLE.of("aws:ec2/routeTable:RouteTable", inputs))
    table_id = answer["RouteTable"]["RouteTableId"]
    for route in routes:
        aws.call("ec2", "create_route", RouteTableId=table_id, **route)
    return _route_table(aws, table_id, inputs)


def _update_route_table(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    before, after = _inline_routes(old.inputs), _inline_routes(inputs)
    for route in before:
        if route not in after:
            aws.call("ec2", "delete_route", RouteTableId=old.id, **_destination(route))
    for route in after:
        if route not in before:
            aws.call("ec2", "create_route", RouteTableId=old.id, **route)
    retag(aws, old, inputs)
    return _route_table(aws, old.id, inputs)


def _route_params(inputs: dict[str, Any]) -> dict[str, Any]:
    names = {**_ROUTE_DESTINATIONS, **_ROUTE_TARGETS}
    params = {names[key]: value for key, value in inputs.items() if key in names and value}
    if not _destination(params) or len(params) < 2:
        raise AwsInputError(["aws:ec2/route:Route needs one destination (destinationCidrBlock, …) and one target."])
    return params


def _route(inputs: dict[str, Any]) -> Applied:
    destination = next(inputs[name] for name in _ROUTE_DESTINATIONS if inputs.get(name))
    digest = hashlib.sha256(str(destination).encode()).hexdigest()[:10]
    return Applied(
        id=f"r-{inputs['routeTableId']}-{digest}", outputs={**inputs, "origin": "CreateRoute", "state": "active"}
    )


def _create_route(aws: Aws, inputs: dict[str, Any]) -> Applied:
    aws.call("ec2", "create_route", RouteTableId=inputs["routeTableId"], **_route_params(inputs))
    return _route(inputs)


def _update_route(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    aws.call("ec2", "replace_route", RouteTableId=inputs["routeTableId"], **_route_params(inputs))
    return _route(inputs)


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
    return Applied(id=answer["AssociationId"], outputs=inputs)


def _update_association(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    answer = aws.call(
        "ec2", "replace_route_table_association", AssociationId=old.id, RouteTableId=inputs["routeTableId"]
    )
    return Applied(id=answer["NewAssociationId"], outputs=inputs)


HANDLERS = (
    Handler(
        type_token="aws:ec2/eip:Eip",
        inputs=frozenset({"domain", "address", "networkBorderGroup", "publicIpv4Pool", "tags"}),
        create=_create_eip,
        update=_update_eip,
        delete=delete_by("ec2", "release_address", "AllocationId"),
        replace_on=frozenset({"domain", "address", "networkBorderGroup", "publicIpv4Pool"}),
    ),
    Handler(
        type_token="aws:ec2/natGateway:NatGateway",
        inputs=frozenset({"allocationId", "connectivityType", "subnetId", "tags"}),
        required=frozenset({"subnetId"}),
        create=_create_nat_gateway,
        update=_update_nat_gateway,
        delete=_delete_nat_gateway,
        replace_on=frozenset({"allocationId", "connectivityType", "subnetId"}),
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
    ),
    Handler(
        type_token="aws:ec2/route:Route",
        inputs=frozenset({"routeTableId", *_ROUTE_DESTINATIONS, *_ROUTE_TARGETS}),
        required=frozenset({"routeTableId"}),
        create=_create_route,
        update=_update_route,
        delete=_delete_route,
        replace_on=frozenset({"routeTableId", *_ROUTE_DESTINATIONS}),
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
