"""Routes, their tables and associations."""

from typing import Any

import pytest

from offline.aws.handler import AwsError


def test_a_route_changes_its_target_and_needs_one(cloud: Any, vpc_id: str, subnet_ids: list[str]) -> None:
    gateway = cloud.make("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=vpc_id).id
    address = cloud.make("aws:ec2/eip:Eip", "nat", domain="vpc")
    nat = cloud.make("aws:ec2/natGateway:NatGateway", "nat", allocationId=address.id, subnetId=subnet_ids[0])
    assert nat.outputs["publicIp"] == address.outputs["publicIp"]
    table = cloud.make("aws:ec2/routeTable:RouteTable", "private", vpcId=vpc_id).id
    everywhere = {"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0"}
    cloud.make("aws:ec2/route:Route", "out", **everywhere, gatewayId=gateway)
    cloud.change("aws:ec2/route:Route", "out", gatewayId=None, natGatewayId=nat.id)
    (found,) = cloud.ask("ec2", "describe_route_tables", RouteTableIds=[table])["RouteTables"]
    assert {route.get("NatGatewayId") for route in found["Routes"]} == {None, nat.id}
    with pytest.raises(AwsError, match="needs one destination"):
        cloud.make("aws:ec2/route:Route", "nowhere", **everywhere)


def test_inline_routes_follow_their_list(cloud: Any, vpc_id: str) -> None:
    gateway = cloud.make("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=vpc_id).id
    first, second = ({"cidrBlock": f"192.168.{index}.0/24", "gatewayId": gateway} for index in (1, 2))
    table = cloud.make("aws:ec2/routeTable:RouteTable", "t", vpcId=vpc_id, routes=[first]).id
    cloud.change("aws:ec2/routeTable:RouteTable", "t", routes=[second])
    (found,) = cloud.ask("ec2", "describe_route_tables", RouteTableIds=[table])["RouteTables"]
    assert {route["DestinationCidrBlock"] for route in found["Routes"]} == {"10.0.0.0/16", "192.168.2.0/24"}
    with pytest.raises(AwsError, match=r'routes\[0\]: the offline AWS does not send the property "localGatewayId"'):
        cloud.change("aws:ec2/routeTable:RouteTable", "t", routes=[{"cidrBlock": "1.2.3.0/24", "localGatewayId": "x"}])


def test_an_association_changes_its_table(cloud: Any, vpc_id: str, subnet_ids: list[str]) -> None:
    tables = [cloud.make("aws:ec2/routeTable:RouteTable", f"t{index}", vpcId=vpc_id).id for index in range(2)]
    kind = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    cloud.make(kind, "a", routeTableId=tables[0], subnetId=subnet_ids[0])
    changed = cloud.change(kind, "a", routeTableId=tables[1])
    (found,) = cloud.ask("ec2", "describe_route_tables", RouteTableIds=[tables[1]])["RouteTables"]
    assert [item["RouteTableAssociationId"] for item in found["Associations"]] == [changed.id]
