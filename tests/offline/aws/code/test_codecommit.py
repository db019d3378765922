"""CodeCommit."""

from typing import Any

import pytest

from offline.aws.handler import AwsError

REPOSITORY = "aws:codecommit/repository:Repository"


def _repository(cloud: Any, name: str = "dev-datalab-api") -> dict[str, Any]:
    return cloud.ask("codecommit", "get_repository", repositoryName=name)["repositoryMetadata"]


def test_repository(cloud: Any) -> None:
    made = cloud.make(REPOSITORY, "mirror", repositoryName="dev-datalab-api", description="Mirror", tags={"a": "1"})
    assert made.id == "dev-datalab-api"
    assert made.outputs["arn"] == "arn:aws:codecommit:ap-northeast-2:123456789012:dev-datalab-api"
    url = "git-codecommit.ap-northeast-2.amazonaws.com/v1/repos/dev-datalab-api"
    assert (made.outputs["cloneUrlHttp"], made.outputs["cloneUrlSsh"]) == (f"https://{url}", f"ssh://{url}")
    assert made.outputs["repositoryId"] == _repository(cloud)["repositoryId"]
    cloud.change(REPOSITORY, "mirror", description="Copy", defaultBranch="develop", kmsKeyId="key", tags={"b": "2"})
    found = _repository(cloud)
    assert (found["repositoryDescription"], found["defaultBranch"], found["kmsKeyId"]) == ("Copy", "develop", "key")
    assert cloud.ask("codecommit", "list_tags_for_resource", resourceArn=made.outputs["arn"])["tags"] == {"b": "2"}


def test_a_repository_is_renamed_in_place(cloud: Any) -> None:
    made = cloud.make(REPOSITORY, "mirror", repositoryName="dev-datalab-api", tags={"a": "1"})
    renamed = cloud.change(REPOSITORY, "mirror", repositoryName="dev-analyzer", tags={"a": "2"})
    assert (renamed.id, renamed.outputs["repositoryId"]) == ("dev-analyzer", made.outputs["repositoryId"])
    assert renamed.outputs["cloneUrlHttp"].endswith("/v1/repos/dev-analyzer")
    assert cloud.ask("codecommit", "list_tags_for_resource", resourceArn=renamed.outputs["arn"])["tags"] == {"a": "2"}
    cloud.delete(REPOSITORY, "mirror")
    with pytest.raises(AwsError, match="RepositoryDoesNotExistException"):
        _repository(cloud, "dev-analyzer")
