"""VPC, subnet and internet gateway: the ground of a network."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.ec2.tags import retag, tagged
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import delete_by, joined, pascal
from offline.aws.shapes import only

_VPC_FLAGS = {
    "enableDnsSupport": "EnableDnsSupport",
    "enableDnsHostnames": "EnableDnsHostnames",
    "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
}
_SUBNET_FLAGS = {
    "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
    "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
    "enableDns64": "EnableDns64",
    "enableResourceNameDnsARecordOnLaunch": "EnableResourceNameDnsARecordOnLaunch",
    "enableResourceNameDnsAaaaRecordOnLaunch": "EnableResourceNameDnsAAAARecordOnLaunch",
}


_VPC = pascal("cidrBlock instanceTenancy", assignGeneratedIpv6CidrBlock="AmazonProvidedIpv6CidrBlock")
_SUBNET = pascal("availabilityZone availabilityZoneId cidrBlock ipv6CidrBlock ipv6Native vpcId")
_VPC_TAGS, _SUBNET_TAGS = pascal(tags=tagged("vpc")), pascal(tags=tagged("subnet"))
_GATEWAY_TAGS = pascal(tags=tagged("internet-gateway"))


def _create_vpc(aws: Aws, inputs: dict[str, Any]) -> Applied:
    vpc = aws.call("ec2", "create_vpc", **joined(_VPC, _VPC_TAGS).of("aws:ec2/vpc:Vpc", inputs))["Vpc"]
    vpc_id = vpc["VpcId"]
    _set_vpc_flags(aws, vpc_id, {}, inputs)
    in_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    tables = aws.call("ec2", "describe_route_tables", Filters=in_vpc)["RouteTables"]
    main = only([t for t in tables if any(a.get("Main") for a in t["Associations"])])["RouteTableId"]
    groups = aws.call("ec2", "describe_security_groups", Filters=in_vpc)["SecurityGroups"]
    acls = aws.call("ec2", "describe_network_acls", Filters=in_vpc)["NetworkAcls"]
    ipv6 = next(iter(vpc.get("Ipv6CidrBlockAssociationSet", [])), {})
    return Applied(
        id=vpc_id,
        outputs={
            "instanceTenancy": vpc["InstanceTenancy"],
            "cidrBlock": vpc["CidrBlock"],
            "dhcpOptionsId": vpc.get("DhcpOptionsId", ""),
            "mainRouteTableId": main,
            "defaultRouteTableId": main,
            "defaultSecurityGroupId": only([g for g in groups if g["GroupName"] == "default"])["GroupId"],
            "defaultNetworkAclId": only([a for a in acls if a["IsDefault"]])["NetworkAclId"],
            "ipv6CidrBlock": ipv6.get("Ipv6CidrBlock", ""),
            "ipv6AssociationId": ipv6.get("AssociationId", ""),
        },
    )


def _set_vpc_flags(aws: Aws, vpc_id: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    for name, attribute in _VPC_FLAGS.items():
        if new.get(name) != old.get(name):
            value = new.get(name, name == "enableDnsSupport")
            aws.call("ec2", "modify_vpc_attribute", VpcId=vpc_id, **{attribute: {"Value": value}})


def _update_vpc(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    _set_vpc_flags(aws, old.id, old.inputs, inputs)


def _create_subnet(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = joined(_SUBNET, _SUBNET_TAGS).of("aws:ec2/subnet:Subnet", inputs)
    subnet = aws.call("ec2", "create_subnet", **request)["Subnet"]
    _set_subnet_flags(aws, subnet["SubnetId"], {}, inputs)
    ipv6 = next(iter(subnet.get("Ipv6CidrBlockAssociationSet", [])), {})
    return Applied(
        id=subnet["SubnetId"],
        outputs={
            "availabilityZone": subnet["AvailabilityZone"],
            "availabilityZoneId": subnet["AvailabilityZoneId"],
            "ipv6CidrBlockAssociationId": ipv6.get("AssociationId", ""),
        },
    )


def _set_subnet_flags(aws: Aws, subnet_id: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    for name, attribute in _SUBNET_FLAGS.items():
        if bool(new.get(name)) != bool(old.get(name)):
            value = {"Value": bool(new.get(name))}
            aws.call("ec2", "modify_subnet_attribute", SubnetId=subnet_id, **{attribute: value})
    hostname = "privateDnsHostnameTypeOnLaunch"
    if new.get(hostname) != old.get(hostname) and hostname in new:
        aws.call("ec2", "modify_subnet_attribute", SubnetId=subnet_id, PrivateDnsHostnameTypeOnLaunch=new[hostname])


def _update_subnet(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    _set_subnet_flags(aws, old.id, old.inputs, inputs)


def _create_internet_gateway(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = _GATEWAY_TAGS.of("aws:ec2/internetGateway:InternetGateway", inputs)
    gateway_id = aws.call("ec2", "create_internet_gateway", **request)["InternetGateway"]["InternetGatewayId"]
    _attach(aws, gateway_id, None, inputs.get("vpcId"))
    return Applied(id=gateway_id, outputs={})


def _attach(aws: Aws, gateway_id: str, before: str | None, after: str | None) -> None:
    if before and before != after:
        aws.call("ec2", "detach_internet_gateway", InternetGatewayId=gateway_id, VpcId=before)
    if after and before != after:
        aws.call("ec2", "attach_internet_gateway", InternetGatewayId=gateway_id, VpcId=after)


def _update_internet_gateway(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    _attach(aws, old.id, old.inputs.get("vpcId"), inputs.get("vpcId"))


def _delete_internet_gateway(aws: Aws, old: Recorded) -> None:
    _attach(aws, old.id, old.inputs.get("vpcId"), None)
    aws.call("ec2", "delete_internet_gateway", InternetGatewayId=old.id)


HANDLERS = (
    Handler(
        type_token="aws:ec2/vpc:Vpc",
        inputs=joined(_VPC, _VPC_TAGS).names | {*_VPC_FLAGS},
        required=frozenset({"cidrBlock"}),
        create=_create_vpc,
        update=_update_vpc,
        delete=delete_by("ec2", "delete_vpc", "VpcId"),
        replace_on=_VPC.names,
        defaults={**dict.fromkeys(_VPC_FLAGS, False), "enableDnsSupport": True},
        arn="ec2:vpc/{id}",
        account="ownerId",
        retag=retag,
    ),
    Handler(
        type_token="aws:ec2/subnet:Subnet",
        inputs=joined(_SUBNET, _SUBNET_TAGS).names | {"privateDnsHostnameTypeOnLaunch", *_SUBNET_FLAGS},
        required=frozenset({"vpcId"}),
        create=_create_subnet,
        update=_update_subnet,
        delete=delete_by("ec2", "delete_subnet", "SubnetId"),
        replace_on=_SUBNET.names,
        defaults={**dict.fromkeys(_SUBNET_FLAGS, False), "privateDnsHostnameTypeOnLaunch": "ip-name"},
        arn="ec2:subnet/{id}",
        account="ownerId",
        retag=retag,
        # The new subnet would overlap the old one.
        delete_before_replace=True,
    ),
    Handler(
        type_token="aws:ec2/internetGateway:InternetGateway",
        inputs=frozenset({"vpcId", "tags"}),
        create=_create_internet_gateway,
        update=_update_internet_gateway,
        delete=_delete_internet_gateway,
        defaults={"vpcId": ""},
        arn="ec2:internet-gateway/{id}",
        account="ownerId",
        retag=retag,
    ),
)
