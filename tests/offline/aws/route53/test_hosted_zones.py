"""Hosted zones and records."""

from typing import Any

import pytest

from offline.aws.handler import AwsError

ZONE = "aws:route53/zone:Zone"
RECORD = "aws:route53/record:Record"


@pytest.fixture
def zone_id(cloud: Any, vpc_id: str) -> str:
    return cloud.make(ZONE, "internal", name="dev.internal", vpcs=[{"vpcId": vpc_id}], tags={"Stage": "dev"}).id


def _records(cloud: Any, zone_id: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = cloud.ask("route53", "list_resource_record_sets", HostedZoneId=zone_id)["ResourceRecordSets"]
    return {(item["Name"], item["Type"]): item for item in found}


def test_a_private_zone(cloud: Any, vpc_id: str, zone_id: str) -> None:
    found = cloud.ask("route53", "get_hosted_zone", Id=zone_id)
    assert found["HostedZone"]["Config"]["PrivateZone"] is True
    assert [vpc["VPCId"] for vpc in found["VPCs"]] == [vpc_id]
    other = cloud.make("aws:ec2/vpc:Vpc", "other", cidrBlock="10.9.0.0/16").id
    tags = {"Stage": "prd", "Owner": "us"}
    changed = cloud.change(ZONE, "internal", vpcs=[{"vpcId": other}], comment="names", tags=tags)
    assert (changed.outputs["comment"], changed.outputs["tagsAll"], changed.outputs["zoneId"]) == (
        "names",
        tags,
        zone_id,
    )
    found = cloud.ask("route53", "get_hosted_zone", Id=zone_id)
    assert [vpc["VPCId"] for vpc in found["VPCs"]] == [other]
    assert found["HostedZone"]["Config"]["Comment"] == "names"
    found = cloud.ask("route53", "list_tags_for_resource", ResourceType="hostedzone", ResourceId=zone_id)
    assert {tag["Key"]: tag["Value"] for tag in found["ResourceTagSet"]["Tags"]} == tags


def test_a_record_is_changed_and_deleted(cloud: Any, zone_id: str) -> None:
    made = cloud.make(
        RECORD, "db", zoneId=zone_id, name="db.dev.internal", type="CNAME", records=["a.rds.amazonaws.com"], ttl=60
    )
    assert (made.id, made.outputs["fqdn"]) == (f"{zone_id}_db.dev.internal_CNAME", "db.dev.internal")
    cloud.change(RECORD, "db", records=["b.rds.amazonaws.com"], ttl=30)
    found = _records(cloud, zone_id)["db.dev.internal.", "CNAME"]
    assert (found["TTL"], found["ResourceRecords"]) == (30, [{"Value": "b.rds.amazonaws.com"}])
    cloud.delete(RECORD, "db")
    assert ("db.dev.internal.", "CNAME") not in _records(cloud, zone_id)


def test_alias_and_text_records(cloud: Any, zone_id: str) -> None:
    alias = {
        "name": "dev-alb-1.ap-northeast-2.elb.amazonaws.com",
        "zoneId": "ZWKZPGTI48KDX",
        "evaluateTargetHealth": True,
    }
    cloud.make(RECORD, "alias", zoneId=zone_id, name="www.dev.internal", type="A", aliases=[alias])
    cloud.make(RECORD, "text", zoneId=zone_id, name="t.dev.internal", type="TXT", records=["v=1"], ttl=60)
    found = _records(cloud, zone_id)
    assert found["www.dev.internal.", "A"]["AliasTarget"]["EvaluateTargetHealth"] is True
    assert found["t.dev.internal.", "TXT"]["ResourceRecords"] == [{"Value": '"v=1"'}]


@pytest.mark.parametrize("extra", [{}, {"records": ["1.2.3.4"], "aliases": [{"name": "a", "zoneId": "Z"}]}])
def test_a_record_is_either_an_alias_or_values(cloud: Any, zone_id: str, extra: dict[str, Any]) -> None:
    with pytest.raises(AwsError, match="give either one alias or records with a ttl"):
        cloud.make(RECORD, "bad", zoneId=zone_id, name="a.dev.internal", type="A", **extra)


def test_a_record_outside_of_its_zone_is_refused(cloud: Any, zone_id: str) -> None:
    with pytest.raises(AwsError, match=r"is not permitted in zone dev\.internal"):
        cloud.make(RECORD, "bad", zoneId=zone_id, name="a.other.io", type="A", records=["1.2.3.4"], ttl=60)


def test_a_zone_with_records_needs_force_to_go(cloud: Any, zone_id: str) -> None:
    cloud.make(RECORD, "a", zoneId=zone_id, name="a.dev.internal", type="A", records=["1.2.3.4"], ttl=60)
    with pytest.raises(AwsError, match="AWS refused route53:delete_hosted_zone with HostedZoneNotEmpty"):
        cloud.provider.delete(ZONE, "urn::z", zone_id, {"name": "dev.internal"}, {}, seed="d#1")
    cloud.change(ZONE, "internal", forceDestroy=True)
    cloud.delete(ZONE, "internal")
    cloud.leave()
    assert cloud.operations_of_last() == ["change_resource_record_sets", "delete_hosted_zone"]
