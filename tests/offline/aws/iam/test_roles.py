"""Roles."""

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError

ROLE = "aws:iam/role:Role"


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _policy(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


@pytest.fixture
def role(cloud: Any) -> Any:
    return cloud.make(ROLE, "task", name="dev-api-task", assumeRolePolicy=_trust("ecs-tasks.amazonaws.com"))


def test_a_role_changes_in_place(cloud: Any, role: Any) -> None:
    assert (role.id, role.outputs["arn"]) == ("dev-api-task", "arn:aws:iam::123456789012:role/dev-api-task")
    changed = cloud.change(
        ROLE,
        "task",
        assumeRolePolicy=_trust("scheduler.amazonaws.com"),
        description="Runs the API",
        maxSessionDuration=7200,
        tags={"Stage": "dev"},
    )
    found = cloud.ask("iam", "get_role", RoleName="dev-api-task")["Role"]
    principal = found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert principal == {"Service": "scheduler.amazonaws.com"}
    assert (found["Description"], found["MaxSessionDuration"]) == ("Runs the API", 7200)
    assert found["Tags"] == [{"Key": "Stage", "Value": "dev"}]
    assert changed.outputs["uniqueId"] == role.outputs["uniqueId"] == found["RoleId"]


def test_a_role_with_policies_needs_force_to_go(cloud: Any, role: Any) -> None:
    cloud.make("aws:iam/rolePolicy:RolePolicy", "read", role=role.id, policy=_policy("s3:GetObject"))
    with pytest.raises(AwsError, match="AWS refused iam:delete_role with DeleteConflict"):
        cloud.provider.delete(ROLE, "urn::task", role.id, {"name": role.id}, role.outputs, seed="d#1")
    cloud.change(ROLE, "task", forceDetachPolicies=True)
    cloud.delete(ROLE, "task")
    assert cloud.operations_of_last() == ["delete_role_policy", "delete_role"]
