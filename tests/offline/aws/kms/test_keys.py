"""Keys and aliases."""

from typing import Any

import pytest

from offline.aws.handler import AwsError

KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"


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
