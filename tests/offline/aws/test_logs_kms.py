"""Log groups and keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError

GROUP = "aws:cloudwatch/logGroup:LogGroup"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"


def _group(cloud: Any) -> dict[str, Any]:
    (group,) = cloud.ask("logs", "describe_log_groups", logGroupNamePrefix="/dev/api")["logGroups"]
    return group


def test_a_log_group_changes_its_retention_key_and_tags(cloud: Any) -> None:
    arn = "arn:aws:logs:ap-northeast-2:123456789012:log-group:/dev/api"
    made = cloud.make(GROUP, "api", name="/dev/api", retentionInDays=30, tags={"Stage": "dev"})
    assert (made.id, made.outputs["arn"]) == ("/dev/api", arn)
    assert _group(cloud)["retentionInDays"] == 30
    key = cloud.make(KEY, "logs").outputs["arn"]
    cloud.change(GROUP, "api", retentionInDays=90, kmsKeyId=key, tags={"Owner": "us"})
    group = _group(cloud)
    assert (group["retentionInDays"], group["kmsKeyId"]) == (90, key)
    assert cloud.ask("logs", "list_tags_for_resource", resourceArn=arn)["tags"] == {"Owner": "us"}
    cloud.change(GROUP, "api", retentionInDays=0, kmsKeyId=None)
    assert cloud.operations_of_last() == ["delete_retention_policy", "disassociate_kms_key"]
    assert "retentionInDays" not in _group(cloud)


def test_a_log_group_can_outlive_its_resource(cloud: Any) -> None:
    cloud.make(GROUP, "api", name="/dev/api", skipDestroy=True)
    cloud.delete(GROUP, "api")
    assert _group(cloud)["logGroupName"] == "/dev/api"


def test_a_taken_log_group_name_is_refused(cloud: Any) -> None:
    cloud.make(GROUP, "api", name="/dev/api")
    with pytest.raises(AwsError, match="AWS refused logs:create_log_group with ResourceAlreadyExistsException"):
        cloud.make(GROUP, "again", name="/dev/api")


def test_a_log_resource_policy(cloud: Any) -> None:
    kind = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
    cloud.make(kind, "events", policyName="events", policyDocument='{"Version":"2012-10-17","Statement":[]}')
    cloud.change(kind, "events", policyDocument='{"Version":"2012-10-17","Statement":[1]}')
    (found,) = cloud.ask("logs", "describe_resource_policies")["resourcePolicies"]
    assert json.loads(found["policyDocument"])["Statement"] == [1]
    cloud.delete(kind, "events")
    assert cloud.ask("logs", "describe_resource_policies")["resourcePolicies"] == []


def test_a_key_is_rotated_disabled_and_scheduled_for_deletion(cloud: Any) -> None:
    key = cloud.make(KEY, "data", description="data", enableKeyRotation=True, deletionWindowInDays=7)
    assert key.outputs["arn"].endswith(f":key/{key.id}")
    assert cloud.ask("kms", "get_key_rotation_status", KeyId=key.id)["KeyRotationEnabled"] is True
    cloud.change(KEY, "data", description="all data", enableKeyRotation=False, isEnabled=False, tags={"Stage": "dev"})
    found = cloud.ask("kms", "describe_key", KeyId=key.id)["KeyMetadata"]
    assert (found["Description"], found["Enabled"]) == ("all data", False)
    tags = cloud.ask("kms", "list_resource_tags", KeyId=key.id)["Tags"]
    assert tags == [{"TagKey": "Stage", "TagValue": "dev"}]
    cloud.change(KEY, "data", isEnabled=True, enableKeyRotation=True)
    assert cloud.operations_of_last() == ["enable_key", "enable_key_rotation"]
    cloud.delete(KEY, "data")
    assert cloud.ask("kms", "describe_key", KeyId=key.id)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_an_alias_moves_to_another_key(cloud: Any) -> None:
    first, second = (cloud.make(KEY, name) for name in ("first", "second"))
    made = cloud.make(ALIAS, "data", name="alias/dev-data", targetKeyId=first.id)
    assert made.outputs["targetKeyArn"] == first.outputs["arn"]
    changed = cloud.change(ALIAS, "data", targetKeyId=second.id)
    assert changed.outputs["targetKeyArn"] == second.outputs["arn"]
    found = cloud.ask("kms", "list_aliases", KeyId=second.id)["Aliases"]
    assert [alias["AliasName"] for alias in found] == ["alias/dev-data"]
    with pytest.raises(AwsError, match='the name "dev-data" must begin with "alias/"'):
        cloud.make(ALIAS, "bad", name="dev-data", targetKeyId=first.id)
