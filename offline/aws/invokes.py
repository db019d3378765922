"""Data sources; those that follow from the account and region alone are answered without boto3 and moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offline.aws.account import Aws
from offline.aws.ec2.vpc import only
from offline.aws.handler import AwsError, AwsInputError
from offline.aws.shapes import present

# Zone letters that are not a, b, c (moto's table of zones, itself made from ec2:DescribeAvailabilityZones).
_ZONE_LETTERS = {
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
    "ca-central-1": "abd",
    "us-east-1": "abcdef",
    "us-west-1": "ab",
    "us-west-2": "abcd",
}


def _caller_identity(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    return {
        "accountId": aws.account_id,
        "arn": f"arn:{aws.partition}:iam::{aws.account_id}:user/offline",
        "id": aws.account_id,
        "userId": "AIDAOFFLINEEXAMPLE000",
    }


def _region(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": aws.region,
        "endpoint": f"ec2.{aws.region}.amazonaws.com",
        "id": aws.region,
        "name": aws.region,
        "region": aws.region,
    }


def _partition(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    return {
        "dnsSuffix": "amazonaws.com",
        "id": aws.partition,
        "partition": aws.partition,
        "reverseDnsPrefix": "com.amazonaws",
    }


def _availability_zones(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    area, place, number = aws.region.split("-")
    code = area + "".join(word[0] for word in place.replace("north", "n ").replace("south", "s ").split()) + number
    zones = {name: f"{code}-az{index}" for index, name in enumerate(zone_names(aws.region), start=1)}
    excluded = {*args.get("excludeNames", []), *args.get("excludeZoneIds", [])}
    kept = {name: zone for name, zone in zones.items() if name not in excluded and zone not in excluded}
    return {
        "groupNames": [aws.region],
        "id": aws.region,
        "names": list(kept),
        "region": aws.region,
        "zoneIds": list(kept.values()),
    }


def zone_names(region: str) -> list[str]:
    """The Availability Zones of a region, by name."""
    return [region + letter for letter in _ZONE_LETTERS.get(region, "abc")]


def _parameters_by_path(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    if aws.touched("ssm"):
        request = present(
            Path=args["path"], Recursive=args.get("recursive"), WithDecryption=args.get("withDecryption", True)
        )
        token: str | None = None
        while True:
            answer = aws.call("ssm", "get_parameters_by_path", **request, **present(NextToken=token))
            found += answer["Parameters"]
            token = answer.get("NextToken")
            if not token:
                break
    return {
        "arns": [item["ARN"] for item in found],
        "id": args["path"],
        "names": [item["Name"] for item in found],
        "path": args["path"],
        "recursive": args.get("recursive", False),
        "region": aws.region,
        "types": [item["Type"] for item in found],
        "values": [item["Value"] for item in found],
        "withDecryption": args.get("withDecryption", True),
    }


def _parameter(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    name, decrypt = args["name"], args.get("withDecryption", True)
    found = aws.call("ssm", "get_parameter", Name=name, WithDecryption=decrypt)["Parameter"]
    return {
        "arn": found["ARN"],
        "id": name,
        "insecureValue": found["Value"] if found["Type"] != "SecureString" else "",
        "name": found["Name"],
        "region": aws.region,
        "type": found["Type"],
        "value": found["Value"],
        "version": found["Version"],
        "withDecryption": decrypt,
    }


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
    vpc = _single("aws:ec2/getVpc:getVpc", found["Vpcs"])
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


def _zone(aws: Aws, args: dict[str, Any]) -> dict[str, Any]:
    if "zoneId" in args:
        answer = aws.call("route53", "get_hosted_zone", Id=args["zoneId"])
        zone, servers = answer["HostedZone"], answer.get("DelegationSet", {}).get("NameServers", [])
    else:
        name = args["name"].rstrip(".") + "."
        private = bool(args.get("privateZone", False))
        zone = _single(
            "aws:route53/getZone:getZone",
            [
                item
                for item in aws.call("route53", "list_hosted_zones")["HostedZones"]
                if item["Name"] == name and bool(item["Config"].get("PrivateZone")) == private
            ],
        )
        servers = []
    zone_id = zone["Id"].removeprefix("/hostedzone/")
    return {
        **args,
        "arn": f"arn:{aws.partition}:route53:::hostedzone/{zone_id}",
        "callerReference": zone["CallerReference"],
        "comment": zone["Config"].get("Comment", ""),
        "id": zone_id,
        "name": zone["Name"].rstrip("."),
        "nameServers": servers,
        "primaryNameServer": next(iter(servers), ""),
        "privateZone": bool(zone["Config"].get("PrivateZone")),
        "resourceRecordSetCount": zone.get("ResourceRecordSetCount", 0),
        "tags": {},
        "zoneId": zone_id,
    }


def _single(token: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    if len(found) != 1:
        raise AwsError(f"{token} must find exactly one and found {len(found)}: narrow or widen its arguments.")
    return found[0]


_INVOKES: dict[str, Callable[[Aws, dict[str, Any]], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:ssm/getParametersByPath:getParametersByPath": _parameters_by_path,
    "aws:ssm/getParameter:getParameter": _parameter,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:route53/getZone:getZone": _zone,
}


def invoke(aws: Aws, token: str, args: dict[str, Any]) -> dict[str, Any]:
    """The answer of a data source, Pulumi's property names. Raises AwsInputError for one that is not known."""
    if token not in _INVOKES:
        raise AwsInputError([f"The offline AWS does not answer {token}; it answers {', '.join(sorted(_INVOKES))}."])
    return _INVOKES[token](aws, args)
