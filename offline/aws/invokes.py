"""Data sources; those that follow from the account and region alone are answered without boto3 and moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offline.aws.api import Aws
from offline.aws.ec2 import data_sources as ec2
from offline.aws.handler import AwsInputError
from offline.aws.route53 import data_sources as route53
from offline.aws.ssm import data_sources as ssm
from offline.aws.zones import zone_names


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


_DATA_SOURCES: dict[str, Callable[[Aws, dict[str, Any]], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    **ec2.DATA_SOURCES,
    **route53.DATA_SOURCES,
    **ssm.DATA_SOURCES,
}


def invoke(aws: Aws, token: str, args: dict[str, Any]) -> dict[str, Any]:
    """The answer of a data source, Pulumi's property names. Raises AwsInputError for one that is not known."""
    if token not in _DATA_SOURCES:
        raise AwsInputError(
            [f"The offline AWS does not answer {token}; it answers {', '.join(sorted(_DATA_SOURCES))}."]
        )
    return _DATA_SOURCES[token](aws, args)
