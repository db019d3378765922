"""What moto lacks in IAM and is completed by."""

from typing import Any

import pytest

from offline.aws.handler import AwsError

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def test_service_specific_credentials(cloud: Any) -> None:
    cloud.make("aws:iam/user:User", "git", name="git")
    made = cloud.make(
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
        "git",
        userName="git",
        serviceName="codecommit.amazonaws.com",
    )
    assert made.outputs["serviceUserName"] == "git-at-123456789012"
    assert len(made.outputs["servicePassword"]) == 44
    listed = cloud.ask("iam", "list_service_specific_credentials", UserName="git")["ServiceSpecificCredentials"]
    assert [item["Status"] for item in listed] == ["Active"]
    assert "ServicePassword" not in listed[0]
    cloud.change("aws:iam/serviceSpecificCredential:ServiceSpecificCredential", "git", status="Inactive")
    (listed,) = cloud.ask("iam", "list_service_specific_credentials", UserName="git")["ServiceSpecificCredentials"]
    assert listed["Status"] == "Inactive"
    cloud.delete("aws:iam/serviceSpecificCredential:ServiceSpecificCredential", "git")
    assert cloud.ask("iam", "list_service_specific_credentials")["ServiceSpecificCredentials"] == []


def test_a_credential_needs_its_user(cloud: Any) -> None:
    with pytest.raises(AwsError, match="AWS refused iam:create_service_specific_credential with NoSuchEntity"):
        cloud.make(
            "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
            "git",
            userName="nobody",
            serviceName="codecommit.amazonaws.com",
        )


def test_moto_knows_no_managed_policy_of_aws_by_itself(cloud: Any) -> None:
    listed = cloud.ask("iam", "list_policies", Scope="AWS")["Policies"]
    assert listed == []


def test_the_managed_policy_that_is_attached_is_loaded(cloud: Any) -> None:
    cloud.make("aws:iam/role:Role", "execution", name="execution", assumeRolePolicy=TRUST)
    cloud.make(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "execution", role="execution", policyArn=EXECUTION_POLICY
    )
    attached = cloud.ask("iam", "list_attached_role_policies", RoleName="execution")["AttachedPolicies"]
    assert attached == [{"PolicyName": "AmazonECSTaskExecutionRolePolicy", "PolicyArn": EXECUTION_POLICY}]


def test_a_managed_policy_that_aws_does_not_have_is_refused(cloud: Any) -> None:
    cloud.make("aws:iam/role:Role", "execution", name="execution", assumeRolePolicy=TRUST)
    with pytest.raises(AwsError, match="policy/Nothing does not exist or is not attachable"):
        cloud.make(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "execution",
            role="execution",
            policyArn="arn:aws:iam::aws:policy/Nothing",
        )
