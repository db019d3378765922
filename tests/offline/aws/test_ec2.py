"""Networks: what a change asks for, and what EC2 has after it."""

from __future__ import annotations

from typing import Any

import pytest

from offline.aws.handler import AwsError

SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"


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
    with pytest.raises(AwsError, match="the offline AWS does not know localGatewayId"):
        cloud.change("aws:ec2/routeTable:RouteTable", "t", routes=[{"cidrBlock": "1.2.3.0/24", "localGatewayId": "x"}])


def test_an_association_changes_its_table(cloud: Any, vpc_id: str, subnet_ids: list[str]) -> None:
    tables = [cloud.make("aws:ec2/routeTable:RouteTable", f"t{index}", vpcId=vpc_id).id for index in range(2)]
    kind = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    cloud.make(kind, "a", routeTableId=tables[0], subnetId=subnet_ids[0])
    changed = cloud.change(kind, "a", routeTableId=tables[1])
    (found,) = cloud.ask("ec2", "describe_route_tables", RouteTableIds=[tables[1]])["RouteTables"]
    assert [item["RouteTableAssociationId"] for item in found["Associations"]] == [changed.id]


def test_only_declared_rules_remain_in_a_security_group(cloud: Any, vpc_id: str) -> None:
    web = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["0.0.0.0/0"], "description": "web"}
    mesh = {"protocol": "tcp", "fromPort": 3000, "toPort": 3000, "self": True}
    group = cloud.make(SECURITY_GROUP, "api", vpcId=vpc_id, ingress=[web, mesh])
    assert group.outputs["name"].startswith("api-")
    assert group.outputs["description"] == "Managed by Pulumi"
    assert _ports(cloud, group.id) == {(False, 80), (False, 3000)}
    cloud.change(SECURITY_GROUP, "api", ingress=[mesh], egress=[{**web, "fromPort": 443, "toPort": 443}])
    assert _ports(cloud, group.id) == {(False, 3000), (True, 443)}


def _ports(cloud: Any, group: str) -> set[tuple[bool, int]]:
    filters = [{"Name": "group-id", "Values": [group]}]
    rules = cloud.ask("ec2", "describe_security_group_rules", Filters=filters)["SecurityGroupRules"]
    return {(rule["IsEgress"], rule["FromPort"]) for rule in rules}


def test_the_default_group_is_closed_and_stays_after_its_deletion(cloud: Any, vpc_id: str) -> None:
    kind = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    group = cloud.make(kind, "closed", vpcId=vpc_id, ingress=[], egress=[], tags={"Name": "closed"})
    assert _ports(cloud, group.id) == set()
    cloud.delete(kind, "closed")
    assert cloud.operations_of_last() == []
    (found,) = cloud.ask("ec2", "describe_security_groups", GroupIds=[group.id])["SecurityGroups"]
    assert _tags(found) == {"Name": "closed"}


def test_a_rule_of_its_own(cloud: Any, vpc_id: str) -> None:
    kind = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    database, api = (cloud.make(SECURITY_GROUP, name, name=name, vpcId=vpc_id).id for name in ("database", "api"))
    rule = cloud.make(
        kind,
        "api",
        securityGroupId=database,
        referencedSecurityGroupId=api,
        ipProtocol="tcp",
        fromPort=3306,
        toPort=3306,
        tags={"Stage": "dev"},
    )
    cloud.change(kind, "api", toPort=3307, description="MySQL")
    (found,) = cloud.ask("ec2", "describe_security_group_rules", SecurityGroupRuleIds=[rule.id])["SecurityGroupRules"]
    assert (found["FromPort"], found["ToPort"], found["Description"]) == (3306, 3307, "MySQL")
    assert found["ReferencedGroupInfo"]["GroupId"] == api
    cloud.delete(kind, "api")
    assert _ports(cloud, database) == set()


@pytest.mark.parametrize(
    ("sources", "found"),
    [({}, "[]"), ({"cidrIpv4": "10.0.0.0/8", "cidrIpv6": "::/0"}, "['cidrIpv4', 'cidrIpv6']")],
)
def test_a_rule_has_one_source(cloud: Any, vpc_id: str, sources: dict[str, str], found: str) -> None:
    with pytest.raises(AwsError) as caught:
        cloud.make(
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
            "out",
            securityGroupId=vpc_id.replace("vpc", "sg"),
            ipProtocol="-1",
            **sources,
        )
    assert str(caught.value) == (
        "A security group rule needs exactly one of cidrIpv4, cidrIpv6, prefixListId, referencedSecurityGroupId; "
        f"found {found}."
    )


def test_a_vpc_endpoint_changes_its_tables(cloud: Any, vpc_id: str) -> None:
    tables = [cloud.make("aws:ec2/routeTable:RouteTable", f"t{index}", vpcId=vpc_id).id for index in range(2)]
    kind = "aws:ec2/vpcEndpoint:VpcEndpoint"
    service = "com.amazonaws.ap-northeast-2.s3"
    endpoint = cloud.make(kind, "s3", vpcId=vpc_id, serviceName=service, routeTableIds=tables[:1]).id
    cloud.change(kind, "s3", routeTableIds=tables[1:])
    (found,) = cloud.ask("ec2", "describe_vpc_endpoints", VpcEndpointIds=[endpoint])["VpcEndpoints"]
    assert (found["RouteTableIds"], found["VpcEndpointType"]) == (tables[1:], "Gateway")


def test_a_flow_log_needs_one_source(cloud: Any) -> None:
    with pytest.raises(AwsError, match="FlowLog needs exactly one of vpcId"):
        cloud.make("aws:ec2/flowLog:FlowLog", "all", trafficType="ALL")
