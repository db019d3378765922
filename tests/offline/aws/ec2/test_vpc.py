"""VPCs, subnets and internet gateways."""

from typing import Any

import pytest

from offline.aws.handler import AwsError


def _tags(item: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def test_a_vpc_names_what_it_is_born_with(cloud: Any) -> None:
    vpc = cloud.make("aws:ec2/vpc:Vpc", "main", cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags={"Stage": "dev"})
    outputs = vpc.outputs
    assert cloud.operations_of_last() == ["create_vpc", "modify_vpc_attribute"]
    assert outputs["arn"] == f"arn:aws:ec2:ap-northeast-2:123456789012:vpc/{vpc.id}"
    assert outputs["mainRouteTableId"] == outputs["defaultRouteTableId"]
    (group,) = cloud.ask("ec2", "describe_security_groups", GroupIds=[outputs["defaultSecurityGroupId"]])[
        "SecurityGroups"
    ]
    assert (group["VpcId"], group["GroupName"]) == (vpc.id, "default")
    assert outputs["tagsAll"] == {"Stage": "dev"}
    assert outputs["region"] == "ap-northeast-2"


def test_a_vpc_is_changed_in_place(cloud: Any) -> None:
    vpc = cloud.make("aws:ec2/vpc:Vpc", "main", cidrBlock="10.0.0.0/16", tags={"Stage": "dev", "Old": "1"})
    cloud.change("aws:ec2/vpc:Vpc", "main", enableDnsHostnames=True, enableDnsSupport=False, tags={"Stage": "prd"})
    (found,) = cloud.ask("ec2", "describe_vpcs", VpcIds=[vpc.id])["Vpcs"]
    assert _tags(found) == {"Stage": "prd"}
    for attribute, value in (("enableDnsHostnames", True), ("enableDnsSupport", False)):
        answer = cloud.ask("ec2", "describe_vpc_attribute", VpcId=vpc.id, Attribute=attribute)
        assert answer[attribute[0].upper() + attribute[1:]]["Value"] is value
    cloud.change("aws:ec2/vpc:Vpc", "main", enableDnsSupport=None)
    answer = cloud.ask("ec2", "describe_vpc_attribute", VpcId=vpc.id, Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is True


def test_subnet_flags(cloud: Any, vpc_id: str) -> None:
    subnet = cloud.make("aws:ec2/subnet:Subnet", "a", vpcId=vpc_id, cidrBlock="10.0.9.0/24", mapPublicIpOnLaunch=False)
    assert cloud.operations_of_last() == ["create_subnet"]
    cloud.change("aws:ec2/subnet:Subnet", "a", mapPublicIpOnLaunch=True)
    (found,) = cloud.ask("ec2", "describe_subnets", SubnetIds=[subnet.id])["Subnets"]
    assert found["MapPublicIpOnLaunch"] is True


def test_overlapping_subnets_are_refused(cloud: Any, vpc_id: str, subnet_ids: list[str]) -> None:
    with pytest.raises(
        AwsError, match=r'^Creating aws:ec2/subnet:Subnet "twice": AWS refused .*InvalidSubnet.Conflict'
    ):
        cloud.make("aws:ec2/subnet:Subnet", "twice", vpcId=vpc_id, cidrBlock="10.0.0.128/25")


def test_an_internet_gateway_moves_to_another_vpc(cloud: Any, vpc_id: str) -> None:
    other = cloud.make("aws:ec2/vpc:Vpc", "other", cidrBlock="10.9.0.0/16").id
    gateway = cloud.make("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=vpc_id).id
    cloud.change("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=other)
    (found,) = cloud.ask("ec2", "describe_internet_gateways", InternetGatewayIds=[gateway])["InternetGateways"]
    assert [attachment["VpcId"] for attachment in found["Attachments"]] == [other]
