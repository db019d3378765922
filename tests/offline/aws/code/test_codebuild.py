"""CodeBuild."""

from typing import Any

PROJECT = "aws:codebuild/project:Project"
ROLE = "arn:aws:iam::123456789012:role/build"
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


def _project(cloud: Any) -> dict[str, Any]:
    (project,) = cloud.ask("codebuild", "batch_get_projects", names=["dev-datalab-api"])["projects"]
    return project


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
