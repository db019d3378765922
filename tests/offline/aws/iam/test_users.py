"""Users, their policies and credentials."""

from typing import Any

from tests.offline.aws.iam.documents import policy

USER = "aws:iam/user:User"


def test_a_user_and_itspolicy(cloud: Any) -> None:
    user = cloud.make(USER, "git", name="git", forceDestroy=True, tags={"Stage": "dev"})
    cloud.make("aws:iam/userPolicy:UserPolicy", "push", user="git", name="push", policy=policy("codecommit:GitPush"))
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
    cloud.leave()
    assert cloud.operations_of_last() == ["delete_service_specific_credential", "delete_user"]
