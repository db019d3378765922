"""Additions to moto's classes."""

from typing import Any

import pytest

from offline.aws.handler import AwsError


def test_what_is_added_goes_with_the_world_it_is_in(cloud: Any) -> None:
    from offline.aws.provider import AwsProvider

    arn = cloud.make("aws:codecommit/repository:Repository", "a", repositoryName="a", tags={"x": "1"}).outputs["arn"]
    other = AwsProvider(region="ap-northeast-2")
    with pytest.raises(AwsError, match="RepositoryDoesNotExistException"):
        other.aws.call("codecommit", "list_tags_for_resource", resourceArn=arn)
    assert cloud.ask("codecommit", "list_tags_for_resource", resourceArn=arn)["tags"] == {"x": "1"}
