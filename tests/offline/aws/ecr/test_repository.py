"""ECR repository and its policies."""

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
RULE = {
    "rulePriority": 1,
    "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14},
    "action": {"type": "expire"},
}


def _make(cloud: Any) -> Any:
    return cloud.make(
        REPOSITORY,
        "images",
        name="dev-datalab-api",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfigurations=[{"encryptionType": "AES256"}],
        tags={"Stage": "dev"},
    )


def _described(cloud: Any) -> dict[str, Any]:
    (repository,) = cloud.ask("ecr", "describe_repositories", repositoryNames=["dev-datalab-api"])["repositories"]
    return repository


def test_repository(cloud: Any) -> None:
    made = _make(cloud)
    assert made.id == "dev-datalab-api"
    assert made.outputs["repositoryUrl"] == "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/dev-datalab-api"
    assert made.outputs["arn"] == "arn:aws:ecr:ap-northeast-2:123456789012:repository/dev-datalab-api"
    assert made.outputs["registryId"] == "123456789012"
    repository = _described(cloud)
    assert repository["repositoryArn"] == made.outputs["arn"]
    assert (repository["imageTagMutability"], repository["imageScanningConfiguration"]) == (
        "IMMUTABLE",
        {"scanOnPush": True},
    )
    assert repository["encryptionConfiguration"] == {"encryptionType": "AES256"}


def test_update(cloud: Any) -> None:
    arn = _make(cloud).outputs["arn"]
    exclusions = [{"filter": "latest*", "filterType": "WILDCARD"}]
    cloud.change(
        REPOSITORY,
        "images",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=exclusions,
        imageScanningConfiguration=None,
        tags={"Owner": "team"},
    )
    repository = _described(cloud)
    assert repository["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert repository["imageTagMutabilityExclusionFilters"] == exclusions
    assert repository["imageScanningConfiguration"] == {"scanOnPush": False}
    assert cloud.ask("ecr", "list_tags_for_resource", resourceArn=arn)["tags"] == [{"Key": "Owner", "Value": "team"}]


@pytest.mark.parametrize("force", [False, True])
def test_a_repository_with_images_is_deleted_by_force_only(cloud: Any, force: bool) -> None:
    _make(cloud)
    cloud.change(REPOSITORY, "images", forceDelete=force)
    with cloud.provider.aws.operation("push"):
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
        image = {"repositoryName": "dev-datalab-api", "imageManifest": json.dumps(manifest), "imageTag": "1"}
        cloud.provider.aws.call("ecr", "put_image", **image)
    if force:
        cloud.delete(REPOSITORY, "images")
        assert cloud.ask("ecr", "describe_repositories")["repositories"] == []
    else:
        with pytest.raises(AwsError, match="RepositoryNotEmptyException"):
            cloud.delete(REPOSITORY, "images")


def test_lifecycle_policy(cloud: Any) -> None:
    _make(cloud)
    policy = json.dumps({"rules": [RULE]})
    made = cloud.make(LIFECYCLE, "images", repository="dev-datalab-api", policy=policy)
    assert (made.id, made.outputs["registryId"]) == ("dev-datalab-api", "123456789012")
    found = cloud.ask("ecr", "get_lifecycle_policy", repositoryName="dev-datalab-api")
    assert json.loads(found["lifecyclePolicyText"]) == {"rules": [RULE]}
    assert cloud.provider.replace_keys(LIFECYCLE) == {"*"}
    cloud.delete(LIFECYCLE, "images")
    with pytest.raises(AwsError, match="LifecyclePolicyNotFoundException"):
        cloud.ask("ecr", "get_lifecycle_policy", repositoryName="dev-datalab-api")


def test_repository_policy(cloud: Any) -> None:
    _make(cloud)
    statement = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": ["ecr:BatchGetImage"]}
    cloud.make(
        POLICY, "images", repository="dev-datalab-api", policy={"Version": "2012-10-17", "Statement": [statement]}
    )
    statement["Action"] = ["ecr:GetDownloadUrlForLayer"]
    cloud.change(POLICY, "images", policy={"Version": "2012-10-17", "Statement": [statement]})
    found = cloud.ask("ecr", "get_repository_policy", repositoryName="dev-datalab-api")
    assert json.loads(found["policyText"])["Statement"][0]["Action"] == ["ecr:GetDownloadUrlForLayer"]
    cloud.delete(POLICY, "images")
    with pytest.raises(AwsError, match="RepositoryPolicyNotFoundException"):
        cloud.ask("ecr", "get_repository_policy", repositoryName="dev-datalab-api")
