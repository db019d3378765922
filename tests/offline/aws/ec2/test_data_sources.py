"""A VPC and subnets, looked up."""

from typing import Any


def test_a_vpc_and_its_subnets(cloud: Any, vpc_id: str, subnet_ids: list[str]) -> None:
    vpc = cloud.provider.invoke("aws:ec2/getVpc:getVpc", {"id": vpc_id})
    assert (vpc["id"], vpc["cidrBlock"], vpc["default"]) == (vpc_id, "10.0.0.0/16", False)
    assert vpc["mainRouteTableId"].startswith("rtb-")
    subnets = cloud.provider.invoke(
        "aws:ec2/getSubnets:getSubnets", {"filters": [{"name": "vpc-id", "values": [vpc_id]}]}
    )
    assert subnets["ids"] == sorted(subnet_ids)


def test_an_existing_vpc_named_by_its_id_is_assumed(cloud: Any) -> None:
    vpc = cloud.provider.invoke("aws:ec2/getVpc:getVpc", {"id": "vpc-0123456789abcdef0"})
    assert (vpc["id"], vpc["cidrBlock"]) == ("vpc-0123456789abcdef0", "10.0.0.0/16")
