"""Roles."""

from typing import Any

import pytest

from offline.aws.handler import AwsError
from tests.offline.aws.iam.documents import ROLE, policy, trust


def test_a_role_changes_in_place(cloud: Any, role: Any) -> None:
    assert (role.id, role.outputs["arn"]) == ("dev-api-task", "arn:aws:iam::123456789012:role/dev-api-task")
    changed = cloud.change(
        ROLE,
        "task",
        assumeRolePolicy=trust("scheduler.amazonaws.com"),
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
    cloud.make("aws:iam/rolePolicy:RolePolicy", "read", role=role.id, policy=policy("s3:GetObject"))
    with pytest.raises(AwsError, match="AWS refused iam:delete_role with DeleteConflict"):
        cloud.provider.delete(ROLE, "urn::task", role.id, {"name": role.id}, role.outputs, seed="d#1")
    cloud.change(ROLE, "task", forceDetachPolicies=True)
    cloud.delete(ROLE, "task")
    cloud.leave()
    assert cloud.operations_of_last() == ["delete_role_policy", "delete_role"]


def test_a_policy_of_aws_is_attached_and_detached(cloud: Any, role: Any) -> None:
    kind, name = "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "AmazonECSTaskExecutionRolePolicy"
    arn = f"arn:aws:iam::aws:policy/service-role/{name}"
    cloud.make(kind, "execution", role=role.id, policyArn=arn)
    attached = cloud.ask("iam", "list_attached_role_policies", RoleName=role.id)["AttachedPolicies"]
    assert attached == [{"PolicyName": name, "PolicyArn": arn}]
    cloud.delete(kind, "execution")
    assert cloud.ask("iam", "list_attached_role_policies", RoleName=role.id)["AttachedPolicies"] == []
