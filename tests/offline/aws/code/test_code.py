"""CodeCommit, CodeBuild and CodePipeline."""

from __future__ import annotations

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError, AwsInputError

REPOSITORY = "aws:codecommit/repository:Repository"
PROJECT = "aws:codebuild/project:Project"
PIPELINE = "aws:codepipeline/pipeline:Pipeline"
ROLE = "arn:aws:iam::123456789012:role/build"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
BUILD: dict[str, Any] = {
    "name": "dev-datalab-api",
    "description": "Builds the image",
    "serviceRole": ROLE,
    "artifacts": {"type": "CODEPIPELINE"},
    "source": {"type": "CODEPIPELINE", "buildspec": "buildspec.yml"},
    "environment": {
        "computeType": "BUILD_GENERAL1_SMALL",
        "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
        "type": "ARM_CONTAINER",
        "privilegedMode": True,
        "environmentVariables": [{"name": "ENVIRONMENT", "value": "dev", "type": "PLAINTEXT"}],
    },
    "logsConfig": {"cloudwatchLogs": {"groupName": "/dev/build", "status": "ENABLED"}},
    "cache": {"type": "LOCAL", "modes": ["LOCAL_DOCKER_LAYER_CACHE"]},
    "buildTimeout": 20,
    "queuedTimeout": 60,
    "concurrentBuildLimit": 1,
    "encryptionKey": "arn:aws:kms:ap-northeast-2:123456789012:key/1",
    "tags": {"Stage": "dev"},
}
STAGES: list[dict[str, Any]] = [
    {
        "name": "Source",
        "actions": [
            {
                "name": "Source",
                "category": "Source",
                "owner": "AWS",
                "provider": "CodeCommit",
                "version": "1",
                "outputArtifacts": ["SourceArtifact"],
                "configuration": {"RepositoryName": "dev-datalab-api", "BranchName": "develop"},
            }
        ],
    },
    {
        "name": "Deploy",
        "onFailure": {"result": "ROLLBACK"},
        "beforeEntry": {
            "condition": {
                "result": "FAIL",
                "rules": [
                    {
                        "name": "alarm",
                        "ruleTypeId": {
                            "category": "Rule",
                            "provider": "CloudWatchAlarm",
                            "owner": "AWS",
                            "version": "1",
                        },
                        "configuration": {"AlarmName": "dev"},
                    }
                ],
            }
        },
        "actions": [
            {
                "name": "Deploy",
                "category": "Deploy",
                "owner": "AWS",
                "provider": "ECS",
                "version": "1",
                "inputArtifacts": ["SourceArtifact"],
                "configuration": {"ClusterName": "dev-item", "ServiceName": "dev-datalab-api"},
                "timeoutInMinutes": 15,
            }
        ],
    },
]


def _repository(cloud: Any, name: str = "dev-datalab-api") -> dict[str, Any]:
    return cloud.ask("codecommit", "get_repository", repositoryName=name)["repositoryMetadata"]


def _project(cloud: Any) -> dict[str, Any]:
    (project,) = cloud.ask("codebuild", "batch_get_projects", names=["dev-datalab-api"])["projects"]
    return project


def _pipeline(cloud: Any, **inputs: Any) -> Any:
    role = cloud.make("aws:iam/role:Role", "pipeline", name="pipeline", assumeRolePolicy=json.dumps(TRUST))
    given: dict[str, Any] = {
        "name": "dev-datalab-api",
        "roleArn": role.outputs["arn"],
        "pipelineType": "V2",
        "executionMode": "QUEUED",
        "artifactStores": [{"location": "artifacts", "type": "S3", "encryptionKey": {"id": "key", "type": "KMS"}}],
        "stages": STAGES,
        "triggers": [
            {
                "providerType": "CodeStarSourceConnection",
                "gitConfiguration": {"sourceActionName": "Source", "pushes": [{"branches": {"includes": ["develop"]}}]},
            }
        ],
        "variables": [{"name": "TAG", "defaultValue": "latest"}],
    }
    return cloud.make(PIPELINE, "pipeline", **{**given, **inputs})


def _declared(cloud: Any) -> dict[str, Any]:
    return cloud.ask("codepipeline", "get_pipeline", name="dev-datalab-api")["pipeline"]


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


def test_project(cloud: Any) -> None:
    made = cloud.make(PROJECT, "build", **BUILD)
    assert (made.id, made.outputs["arn"]) == (
        "arn:aws:codebuild:ap-northeast-2:123456789012:project/dev-datalab-api",
    ) * 2
    project = _project(cloud)
    assert project["environment"] == BUILD["environment"]
    assert project["source"] == {"type": "CODEPIPELINE", "buildspec": "buildspec.yml"}
    assert project["logsConfig"] == {"cloudWatchLogs": {"groupName": "/dev/build", "status": "ENABLED"}}
    assert (project["timeoutInMinutes"], project["queuedTimeoutInMinutes"]) == (20, 60)
    assert (project["concurrentBuildLimit"], project["encryptionKey"]) == (1, BUILD["encryptionKey"])
    assert project["tags"] == [{"key": "Stage", "value": "dev"}]
    cloud.change(PROJECT, "build", buildTimeout=30, cache=None, description=None, tags={"Owner": "team"})
    project = _project(cloud)
    assert (project["timeoutInMinutes"], project["cache"]) == (30, {"type": "NO_CACHE"})
    assert project["tags"] == [{"key": "Owner", "value": "team"}]
    cloud.delete(PROJECT, "build")
    assert cloud.ask("codebuild", "list_projects")["projects"] == []


def test_pipeline(cloud: Any) -> None:
    made = _pipeline(cloud, tags={"Stage": "dev"})
    assert made.outputs["arn"] == "arn:aws:codepipeline:ap-northeast-2:123456789012:dev-datalab-api"
    pipeline = _declared(cloud)
    assert (pipeline["pipelineType"], pipeline["executionMode"], pipeline["version"]) == ("V2", "QUEUED", 1)
    assert pipeline["artifactStore"] == {
        "location": "artifacts",
        "type": "S3",
        "encryptionKey": {"id": "key", "type": "KMS"},
    }
    source, deploy = pipeline["stages"]
    assert source["actions"][0]["actionTypeId"] == {
        "category": "Source",
        "owner": "AWS",
        "provider": "CodeCommit",
        "version": "1",
    }
    assert source["actions"][0]["outputArtifacts"] == [{"name": "SourceArtifact"}]
    assert deploy["actions"][0]["inputArtifacts"] == [{"name": "SourceArtifact"}]
    assert deploy["onFailure"] == {"result": "ROLLBACK"}
    assert deploy["beforeEntry"]["conditions"][0]["rules"][0]["ruleTypeId"]["provider"] == "CloudWatchAlarm"
    assert pipeline["triggers"][0]["gitConfiguration"] == {
        "sourceActionName": "Source",
        "push": [{"branches": {"includes": ["develop"]}}],
    }
    assert pipeline["variables"] == [{"name": "TAG", "defaultValue": "latest"}]


def test_pipeline_update(cloud: Any) -> None:
    made = _pipeline(cloud, tags={"Stage": "dev"})
    cloud.change(PIPELINE, "pipeline", executionMode=None, variables=None, tags={"Owner": "team"})
    pipeline = _declared(cloud)
    assert (pipeline["executionMode"], pipeline["version"]) == ("SUPERSEDED", 2)
    assert "variables" not in pipeline
    tags = cloud.ask("codepipeline", "list_tags_for_resource", resourceArn=made.outputs["arn"])["tags"]
    assert tags == [{"key": "Owner", "value": "team"}]
    cloud.delete(PIPELINE, "pipeline")
    assert cloud.ask("codepipeline", "list_pipelines")["pipelines"] == []


def test_stores_of_several_regions(cloud: Any) -> None:
    stores = [
        {"location": f"artifacts-{region}", "type": "S3", "region": region}
        for region in ("ap-northeast-2", "us-east-1")
    ]
    _pipeline(cloud, artifactStores=stores)
    assert _declared(cloud)["artifactStores"]["us-east-1"] == {"location": "artifacts-us-east-1", "type": "S3"}
    stores[0].pop("region")
    with pytest.raises(AwsInputError) as caught:
        cloud.change(PIPELINE, "pipeline", artifactStores=stores)
    assert str(caught.value) == f"{PIPELINE}.artifactStores: of several stores each needs its region."


def test_an_unknown_property_of_an_action_is_refused(cloud: Any) -> None:
    stages = [STAGES[0], {**STAGES[1], "actions": [{**STAGES[1]["actions"][0], "retries": 3}]}]
    with pytest.raises(AwsInputError) as caught:
        _pipeline(cloud, stages=stages)
    assert str(caught.value).startswith(
        f'{PIPELINE}.stages[1].actions[0]: the offline AWS does not send the property "retries"; known are '
    )
