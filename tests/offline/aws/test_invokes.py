"""Data sources of the account and the region."""

from typing import Any

import pytest

from offline.aws.handler import AwsInputError
from offline.aws.provider import AwsProvider


@pytest.mark.parametrize(
    ("region", "names", "zone_ids"),
    [
        ("ap-northeast-2", "abcd", ["apne2-az1", "apne2-az2", "apne2-az3", "apne2-az4"]),
        ("ap-northeast-1", "acd", ["apne1-az1", "apne1-az2", "apne1-az3"]),
        ("eu-central-1", "abc", ["euc1-az1", "euc1-az2", "euc1-az3"]),
        ("us-east-1", "abcdef", [f"use1-az{number}" for number in range(1, 7)]),
        ("ap-southeast-2", "abc", ["apse2-az1", "apse2-az2", "apse2-az3"]),
    ],
)
def test_availability_zones(region: str, names: str, zone_ids: list[str]) -> None:
    answer = AwsProvider(region=region).invoke(
        "aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available"}
    )
    assert answer["names"] == [region + letter for letter in names]
    assert answer["zoneIds"] == zone_ids


def test_the_zones_are_those_that_ec2_has(cloud: Any) -> None:
    answer = cloud.provider.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {})
    zones = cloud.ask("ec2", "describe_availability_zones")["AvailabilityZones"]
    assert answer["names"] == sorted(zone["ZoneName"] for zone in zones)


def test_zones_can_be_excluded() -> None:
    answer = AwsProvider(region="ap-northeast-2").invoke(
        "aws:index/getAvailabilityZones:getAvailabilityZones",
        {"excludeNames": ["ap-northeast-2b"], "excludeZoneIds": ["apne2-az4"]},
    )
    assert answer["names"] == ["ap-northeast-2a", "ap-northeast-2c"]


def test_account_region_and_partition() -> None:
    provider = AwsProvider(region="eu-west-1", account_id="210987654321")
    assert provider.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "210987654321"
    region = provider.invoke("aws:index/getRegion:getRegion", {})
    assert (region["region"], region["name"]) == ("eu-west-1", "eu-west-1")
    partition = provider.invoke("aws:index/getPartition:getPartition", {})
    assert (partition["partition"], partition["dnsSuffix"]) == ("aws", "amazonaws.com")


def test_an_unknown_data_source_is_refused_by_name() -> None:
    with pytest.raises(AwsInputError, match=r"^The offline AWS does not answer aws:ec2/getAmi:getAmi; it answers "):
        AwsProvider(region="ap-northeast-2").invoke("aws:ec2/getAmi:getAmi", {})
