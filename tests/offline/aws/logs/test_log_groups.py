"""Log groups and resource policies."""

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError

GROUP = "aws:cloudwatch/logGroup:LogGroup"
KEY = "aws:kms/key:Key"


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
