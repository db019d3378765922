"""What roles and users have alike, seen on roles."""

from typing import Any

import pytest

from offline.aws.handler import AwsError
from tests.offline.aws.iam.documents import ROLE, policy


def test_a_boundary_is_set_and_taken_away(cloud: Any, role: Any) -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    cloud.change(ROLE, "task", permissionsBoundary=boundary)
    found = cloud.ask("iam", "get_role", RoleName="dev-api-task")["Role"]
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    cloud.change(ROLE, "task", permissionsBoundary=None)
    assert "PermissionsBoundary" not in cloud.ask("iam", "get_role", RoleName="dev-api-task")["Role"]


def test_inline_policies_are_replaced_whole(cloud: Any, role: Any) -> None:
    kind = "aws:iam/rolePolicy:RolePolicy"
    made = cloud.make(kind, "read", role=role.id, name="read", policy=policy("s3:GetObject"))
    assert made.id == "dev-api-task:read"
    cloud.change(kind, "read", policy=policy("s3:ListBucket"))
    found = cloud.ask("iam", "get_role_policy", RoleName=role.id, PolicyName="read")["PolicyDocument"]
    assert found["Statement"][0]["Action"] == "s3:ListBucket"
    cloud.delete(kind, "read")
    assert cloud.ask("iam", "list_role_policies", RoleName=role.id)["PolicyNames"] == []


def test_a_malformed_policy_is_refused(cloud: Any, role: Any) -> None:
    with pytest.raises(AwsError, match="AWS refused iam:put_role_policy with MalformedPolicyDocument"):
        cloud.make("aws:iam/rolePolicy:RolePolicy", "bad", role=role.id, policy='{"Statement": []}')
