"""EC2: a VPC and subnets, looked up."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.shapes import only, present, single


def _filters(args: dict[str, Any]) -> list[dict[str, Any]]:
    filters = [{"Name": item["name"], "Values": item["values"]} for item in args.get("filters", [])]
    return filters + [{"Name": f"tag:{name}", "Values": [value]} for name, value in args.get("tags", {}).items()]


def _vpc(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    filters = _filters(args)
    if "id" in args:
        aws.assume(args["id"])
    if "cidrBlock" in args:
        filters.append({"Name": "cidr", "Values": [args["cidrBlock"]]})
    if "default" in args:
        filters.append({"Name": "is-default", "Values": [str(args["default"]).lower()]})
    found = aws.call("ec2", "describe_vpcs", **present(VpcIds=[args["id"]] if "id" in args else None, Filters=filters))
    vpc = single("aws:ec2/getVpc:getVpc", found["Vpcs"])
    vpc_id = vpc["VpcId"]
    in_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "association.main", "Values": ["true"]}]
    tables = aws.call("ec2", "describe_route_tables", Filters=in_vpc)["RouteTables"]

    def attribute(name: str) -> bool:
        answer = aws.call("ec2", "describe_vpc_attribute", VpcId=vpc_id, Attribute=name[0].lower() + name[1:])
        return bool(answer[name]["Value"])

    return {
        **args,
        "arn": f"arn:{aws.partition}:ec2:{aws.region}:{aws.account_id}:vpc/{vpc_id}",
        "cidrBlock": vpc["CidrBlock"],
        "cidrBlockAssociations": [
            {"associationId": item["AssociationId"], "cidrBlock": item["CidrBlock"], "state": "associated"}
            for item in vpc.get("CidrBlockAssociationSet", [])
        ],
        "default": vpc["IsDefault"],
        "dhcpOptionsId": vpc.get("DhcpOptionsId", ""),
        "enableDnsHostnames": attribute("EnableDnsHostnames"),
        "enableDnsSupport": attribute("EnableDnsSupport"),
        "enableNetworkAddressUsageMetrics": False,
        "id": vpc_id,
        "instanceTenancy": vpc["InstanceTenancy"],
        "ipv6AssociationId": "",
        "ipv6CidrBlock": "",
        "mainRouteTableId": only(tables)["RouteTableId"],
        "ownerId": aws.account_id,
        "region": aws.region,
        "state": vpc["State"],
        "tags": {tag["Key"]: tag["Value"] for tag in vpc.get("Tags", [])},
    }


def _subnets(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    found = aws.call("ec2", "describe_subnets", Filters=_filters(args))["Subnets"]
    return {**args, "id": aws.region, "ids": sorted(item["SubnetId"] for item in found), "region": aws.region}


DATA_SOURCES = {
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnets:getSubnets": _subnets,
}
