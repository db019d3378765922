"""The pipelines of the real stages and of changed ones, as the engine is asked for them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from offline.engine.outcome import Outcome
from tests.project import PROJECT as P

Preview = Callable[..., Outcome]
Values = Callable[[str], dict[str, Any]]
SERVICES = ("datalab-api", "gateway", "legacy-api", "tracking-api")
REST = "ap-northeast-2:123456789012"
HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
CONNECTION = f"arn:aws:codeconnections:{REST}:connection/0a1b2c3d-0000-1111-2222-333344445555"


def of_type(outcome: Outcome, token: str) -> dict[str, dict[str, Any]]:
    """Logical name to inputs."""
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    return {resource.name: resource.inputs for resource in outcome.resources if resource.type == token}


def pipeline(outcome: Outcome, service: str) -> dict[str, Any]:
    return of_type(outcome, "aws:codepipeline/pipeline:Pipeline")[service]


def stages(outcome: Outcome, service: str) -> dict[str, list[dict[str, Any]]]:
    return {stage["name"]: stage["actions"] for stage in pipeline(outcome, service)["stages"]}


def given(action: dict[str, Any]) -> dict[str, str]:
    """The variables that an action gives its build."""
    entries = json.loads(action["configuration"]["EnvironmentVariables"])
    assert {entry["type"] for entry in entries} == {"PLAINTEXT"}
    return {entry["name"]: entry["value"] for entry in entries}


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_every_service_has_a_queued_pipeline_of_version_2(preview: Preview, stage: str) -> None:
    found = of_type(preview(stage), "aws:codepipeline/pipeline:Pipeline")
    assert {
        name: (each["name"], each["pipelineType"], each["executionMode"], each["roleArn"], each["artifactStores"])
        for name, each in found.items()
    } == {
        name: (
            f"{stage}-{name}",
            "V2",
            "QUEUED",
            f"arn:aws:iam::123456789012:role/{stage}-{name}-pipeline",
            [{"type": "S3", "location": f"{stage}-artifacts-123456789012-ap-northeast-2"}],
        )
        for name in SERVICES
    }


def test_the_stages_of_dev(preview: Preview) -> None:
    found = stages(preview("dev"), "datalab-api")
    assert list(found) == ["Source", "Build", "Deploy"]
    [source], [build], [hand_over, deploy, verify] = found.values()
    assert source == {
        "name": "Source",
        "category": "Source",
        "owner": "AWS",
        "provider": "CodeCommit",
        "version": "1",
        "namespace": "Source",
        "outputArtifacts": ["SourceArtifact"],
        "runOrder": 1,
        "configuration": {
            "RepositoryName": "dev-datalab-api",
            "BranchName": "develop",
            "PollForSourceChanges": "false",
            "OutputArtifactFormat": "CODE_ZIP",
        },
    }
    assert (build["configuration"], build["inputArtifacts"], build["outputArtifacts"]) == (
        {"ProjectName": "dev-datalab-api-build"},
        ["SourceArtifact"],
        ["BuildArtifact"],
    )
    assert (deploy["provider"], deploy["configuration"], deploy["inputArtifacts"]) == (
        "ECS",
        {
            "ClusterName": "dev-item",
            "ServiceName": "dev-datalab-api",
            "FileName": "imagedefinitions.json",
            "DeploymentTimeout": "30",
        },
        ["BuildArtifact"],
    )
    for action, step in ((hand_over, "hand-over"), (verify, "verify")):
        assert action["configuration"]["ProjectName"] == "dev-verify"
        assert given(action) == {
            "STEP": step,
            "SERVICE": "dev-datalab-api",
            "PARAMETER": "/dev/images/datalab-api",
            "JOB_FAMILIES": "dev-category-batch",
        }
    assert [action["runOrder"] for action in (hand_over, deploy, verify)] == [1, 2, 3]


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_only_a_failed_deployment_rolls_back(preview: Preview, stage: str) -> None:
    """The verification is part of the deployment's stage; a rejected approval is not."""
    for service in SERVICES:
        failing = {each["name"]: each.get("onFailure") for each in pipeline(preview(stage), service)["stages"]}
        assert {name for name, what in failing.items() if what} == {"Deploy"}
        assert failing["Deploy"] == {"result": "ROLLBACK"}


def test_prd_takes_main_after_an_approval_that_links_to_the_change(preview: Preview) -> None:
    found = stages(preview("prd"), "tracking-api")
    assert list(found) == ["Source", "Build", "Approve", "Deploy"]
    assert found["Source"][0]["configuration"]["BranchName"] == "main"
    [approve] = found["Approve"]
    assert (approve["category"], approve["provider"], approve["configuration"]) == (
        "Approval",
        "Manual",
        {
            "CustomData": "Deploy tracking-api at #{Source.CommitId} to prd?",
            "ExternalEntityLink": "https://gitlab.com/itemscout/tracking-api/-/commit/#{Source.CommitId}",
        },
    )


def test_the_verification_hands_the_image_to_the_jobs_of_the_same_repository(preview: Preview) -> None:
    jobs = {
        name: {given(action).get("JOB_FAMILIES") for action in stages(preview("dev"), name)["Deploy"][::2]}
        for name in SERVICES
    }
    assert jobs == {
        "datalab-api": {"dev-category-batch"},
        "gateway": {None},
        "legacy-api": {None},
        "tracking-api": {"dev-ranking-batch"},
    }


def test_a_push_to_the_branch_starts_the_pipeline(preview: Preview) -> None:
    outcome = preview("dev")
    rule = of_type(outcome, "aws:cloudwatch/eventRule:EventRule")["datalab-api-pushed"]
    target = of_type(outcome, "aws:cloudwatch/eventTarget:EventTarget")["datalab-api-pushed"]
    assert json.loads(rule["eventPattern"]) == {
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        "resources": [f"arn:aws:codecommit:{REST}:dev-datalab-api"],
        "detail": {
            "event": ["referenceCreated", "referenceUpdated"],
            "referenceType": ["branch"],
            "referenceName": ["develop"],
        },
    }
    assert (target["arn"], target["roleArn"]) == (
        f"arn:aws:codepipeline:{REST}:dev-datalab-api",
        "arn:aws:iam::123456789012:role/dev-trigger",
    )


def test_people_are_told_of_failures_and_pending_approvals(preview: Preview) -> None:
    outcome = preview("prd")
    rules = of_type(outcome, "aws:cloudwatch/eventRule:EventRule")
    targets = of_type(outcome, "aws:cloudwatch/eventTarget:EventTarget")
    of_stage = [{"prefix": "prd-"}]
    assert {
        name: json.loads(rules[name]["eventPattern"])["detail"] for name in ("failed-pipeline", "pending-approval")
    } == {
        "failed-pipeline": {"pipeline": of_stage, "state": ["FAILED"]},
        "pending-approval": {"pipeline": of_stage, "type": {"category": ["Approval"]}, "state": ["STARTED"]},
    }
    assert json.loads(rules["failed-deployment"]["eventPattern"])["detail"] == {
        "eventName": ["SERVICE_DEPLOYMENT_FAILED"]
    }
    for name in ("failed-pipeline", "pending-approval", "failed-deployment"):
        assert targets[name]["arn"] == f"arn:aws:sns:{REST}:prd-alerts"


def test_a_pipeline_waits_for_its_service_its_mirror_and_the_scripts(preview: Preview) -> None:
    outcome = preview("dev")
    [found] = [
        each
        for each in outcome.resources
        if each.type == "aws:codepipeline/pipeline:Pipeline" and each.name == "gateway"
    ]
    waits = {urn.rsplit("$", 1)[-1] for urn in found.dependencies}
    assert {
        "aws:codebuild/project:Project::gateway-build",
        "aws:codebuild/project:Project::verify",
        "aws:iam/rolePolicy:RolePolicy::gateway-pipeline",
        "aws:ecs/service:Service::gateway",
        "aws:codecommit/repository:Repository::gateway",
        "aws:s3/bucketObjectv2:BucketObjectv2::delivery-scripts",
        "aws:s3/bucketPolicy:BucketPolicy::artifacts",
    } <= waits


def test_gitlab_can_be_read_through_a_connection(preview: Preview, stage_values: Values) -> None:
    services = stage_values("dev")[f"{P}:services"]
    services["datalab-api"]["repository"] = "datalab"
    delivery = {"source": "connection", "connectionArn": CONNECTION, "group": "itemscout"}
    outcome = preview("dev", {"delivery": delivery, "services": services})
    [source] = stages(outcome, "datalab-api")["Source"]
    assert (source["provider"], source["configuration"]) == (
        "CodeStarSourceConnection",
        {
            "ConnectionArn": CONNECTION,
            "FullRepositoryId": "itemscout/datalab",
            "BranchName": "develop",
            "DetectChanges": "true",
            "OutputArtifactFormat": "CODE_ZIP",
        },
    )
    kinds = {resource.type for resource in outcome.resources}
    assert not kinds & {"aws:codecommit/repository:Repository", "aws:iam/user:User"}
    assert not [name for name in of_type(outcome, "aws:cloudwatch/eventRule:EventRule") if name.endswith("-pushed")]


def test_a_promoted_service_deploys_what_dev_verified(preview: Preview, stage_values: Values) -> None:
    values = stage_values("prd")
    services = values[f"{P}:services"]
    services["datalab-api"]["promote"] = True
    outcome = preview("prd", {"services": services, "pipeline": values[f"{P}:pipeline"] | {"promoteFrom": "dev"}})
    assert list(stages(outcome, "datalab-api")) == ["Source", "Promote", "Approve", "Deploy"]
    assert list(stages(outcome, "gateway")) == ["Source", "Build", "Approve", "Deploy"]


def test_a_stage_without_the_key_and_a_service_that_is_not_deployed_have_none(
    preview: Preview, stage_values: Values
) -> None:
    values = stage_values("dev")
    services = values[f"{P}:services"]
    services["legacy-api"]["deploy"] = False
    some = preview("dev", {"services": services})
    assert set(of_type(some, "aws:codepipeline/pipeline:Pipeline")) == set(SERVICES) - {"legacy-api"}
    none = preview("dev", {"pipeline": {"enabled": False}})
    owned = ("aws:codepipeline", "aws:codebuild", "aws:codecommit", "aws:iam/user", "aws:s3/bucketObject")
    assert [each.urn for each in none.resources if each.type.startswith(owned)] == []
    rules = of_type(none, "aws:cloudwatch/eventRule:EventRule")
    assert set(rules) == {"failed-deployment", "failed-batch-run"}
