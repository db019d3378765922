"""Data sources."""

from __future__ import annotations

from typing import Any

import pytest

from offline.aws.handler import AwsError, AwsInputError, RecordedOperation
from offline.aws.provider import AwsProvider

PATH = "aws:ssm/getParametersByPath:getParametersByPath"


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


def _put(provider: AwsProvider, **values: str) -> list[RecordedOperation]:
    with provider.aws.operation("parameters#1"):
        for name, value in values.items():
            provider.aws.call("ssm", "put_parameter", Name=f"/dev/images/{name}", Value=value, Type="String")
    return [RecordedOperation(seed="parameters#1", calls=provider.calls_of_last_operation())]


def test_an_absent_parameter_path_is_an_empty_list() -> None:
    provider = AwsProvider(region="ap-northeast-2")
    answer = provider.invoke(PATH, {"path": "/dev/images", "recursive": False, "withDecryption": False})
    assert (answer["names"], answer["values"], answer["arns"], answer["types"]) == ([], [], [], [])
    assert provider.call_log == []


def test_parameters_by_path_page_by_page_and_from_a_record_that_is_not_yet_replayed(cloud: Any) -> None:
    images = {f"service-{number:02}": f"image:{number}" for number in range(23)}
    operations = _put(cloud.provider, **images)
    later = AwsProvider(region="ap-northeast-2")
    later.replay(operations)
    for provider in (cloud.provider, later):
        answer = provider.invoke(PATH, {"path": "/dev/images"})
        found = dict(zip(answer["names"], answer["values"], strict=True))
        assert found == {f"/dev/images/{name}": value for name, value in images.items()}


def test_one_parameter(cloud: Any) -> None:
    _put(cloud.provider, gateway="nginx:1")
    answer = cloud.provider.invoke("aws:ssm/getParameter:getParameter", {"name": "/dev/images/gateway"})
    assert (answer["value"], answer["insecureValue"], answer["version"]) == ("nginx:1", "nginx:1", 1)
    assert answer["arn"] == "arn:aws:ssm:ap-northeast-2:123456789012:parameter/dev/images/gateway"
    with pytest.raises(AwsError, match="AWS refused ssm:get_parameter with ParameterNotFound"):
        cloud.provider.invoke("aws:ssm/getParameter:getParameter", {"name": "/absent"})


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


def test_zones_by_id_and_by_name(cloud: Any, vpc_id: str) -> None:
    made = cloud.make("aws:route53/zone:Zone", "internal", name="dev.internal", vpcs=[{"vpcId": vpc_id}])
    for args in ({"zoneId": made.id}, {"name": "dev.internal", "privateZone": True}):
        answer = cloud.provider.invoke("aws:route53/getZone:getZone", args)
        assert (answer["zoneId"], answer["name"], answer["privateZone"]) == (made.id, "dev.internal", True)
    with pytest.raises(AwsError, match="must find exactly one and found 0"):
        cloud.provider.invoke("aws:route53/getZone:getZone", {"name": "dev.internal"})


def test_an_unknown_data_source_is_refused_by_name() -> None:
    with pytest.raises(AwsInputError, match=r"^The offline AWS does not answer aws:ec2/getAmi:getAmi; it answers "):
        AwsProvider(region="ap-northeast-2").invoke("aws:ec2/getAmi:getAmi", {})
