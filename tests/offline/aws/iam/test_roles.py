"""Roles, users and their policies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError

ROLE = "aws:iam/role:Role"
USER = "aws:iam/user:User"


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


def test_a_boundary_is_set_and_taken_away(cloud: Any, role: Any) -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    cloud.change(ROLE, "task", permissionsBoundary=boundary)
    found = cloud.ask("iam", "get_role", RoleName="dev-api-task")["Role"]
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    cloud.change(ROLE, "task", permissionsBoundary=None)
    assert "PermissionsBoundary" not in cloud.ask("iam", "get_role", RoleName="dev-api-task")["Role"]


def test_inline_policies_are_replaced_whole(cloud: Any, role: Any) -> None:
    kind = "aws:iam/rolePolicy:RolePolicy"
    made = cloud.make(kind, "read", role=role.id, name="read", policy=_policy("s3:GetObject"))
    assert made.id == "dev-api-task:read"
    cloud.change(kind, "read", policy=_policy("s3:ListBucket"))
    found = cloud.ask("iam", "get_role_policy", RoleName=role.id, PolicyName="read")["PolicyDocument"]
    assert found["Statement"][0]["Action"] == "s3:ListBucket"
    cloud.delete(kind, "read")
    assert cloud.ask("iam", "list_role_policies", RoleName=role.id)["PolicyNames"] == []


def test_a_malformed_policy_is_refused(cloud: Any, role: Any) -> None:
    with pytest.raises(AwsError, match="AWS refused iam:put_role_policy with MalformedPolicyDocument"):
        cloud.make("aws:iam/rolePolicy:RolePolicy", "bad", role=role.id, policy='{"Statement": []}')


def test_a_role_with_policies_needs_force_to_go(cloud: Any, role: Any) -> None:
    cloud.make("aws:iam/rolePolicy:RolePolicy", "read", role=role.id, policy=_policy("s3:GetObject"))
    with pytest.raises(AwsError, match="AWS refused iam:delete_role with DeleteConflict"):
        cloud.provider.delete(ROLE, "urn::task", role.id, {"name": role.id}, role.outputs, seed="d#1")
    cloud.change(ROLE, "task", forceDetachPolicies=True)
    cloud.delete(ROLE, "task")
    assert cloud.operations_of_last() == ["delete_role_policy", "delete_role"]


def test_a_user_and_its_policy(cloud: Any) -> None:
    user = cloud.make(USER, "git", name="git", forceDestroy=True, tags={"Stage": "dev"})
    cloud.make("aws:iam/userPolicy:UserPolicy", "push", user="git", name="push", policy=_policy("codecommit:GitPush"))
    changed = cloud.change(USER, "git", path="/machines/", tags={"Stage": "prd"})
    assert changed.outputs["arn"] == "arn:aws:iam::123456789012:user/machines/git"
    assert changed.outputs["uniqueId"] == user.outputs["uniqueId"]
    assert cloud.ask("iam", "list_user_policies", UserName="git")["PolicyNames"] == ["push"]
    assert cloud.ask("iam", "list_user_tags", UserName="git")["Tags"] == [{"Key": "Stage", "Value": "prd"}]


def test_force_destroy_takes_the_users_credentials_along(cloud: Any) -> None:
    cloud.make(USER, "git", name="git", forceDestroy=True)
    kind = "aws:iam/serviceSpecificCredential:ServiceSpecificCredential"
    cloud.make(kind, "git", userName="git", serviceName="codecommit.amazonaws.com", status="Inactive")
    assert cloud.operations_of_last() == ["create_service_specific_credential", "update_service_specific_credential"]
    cloud.delete(USER, "git")
    assert cloud.operations_of_last() == ["delete_service_specific_credential", "delete_user"]
