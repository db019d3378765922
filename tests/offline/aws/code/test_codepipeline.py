"""CodePipeline."""

import json
from typing import Any

from offline.aws.handler import AwsInputError
from tests.refusals import refusal

PIPELINE = "aws:codepipeline/pipeline:Pipeline"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
RULE = {"category": "Rule", "provider": "CloudWatchAlarm", "owner": "AWS", "version": "1"}
RULES = [{"name": "alarm", "ruleTypeId": RULE, "configuration": {"AlarmName": "dev"}}]
CODE = {"RepositoryName": "dev-datalab-api", "BranchName": "develop"}
SERVICE = {"ClusterName": "dev-item", "ServiceName": "dev-datalab-api"}


def _action(name: str, provider: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "category": name, "owner": "AWS", "provider": provider, "version": "1", **more}


STAGES: list[dict[str, Any]] = [
    {
        "name": "Source",
        "actions": [_action("Source", "CodeCommit", outputArtifacts=["SourceArtifact"], configuration=CODE)],
    },
    {
        "name": "Deploy",
        "onFailure": {"result": "ROLLBACK"},
        "beforeEntry": {"condition": {"result": "FAIL", "rules": RULES}},
        "actions": [
            _action("Deploy", "ECS", inputArtifacts=["SourceArtifact"], configuration=SERVICE, timeoutInMinutes=15)
        ],
    },
]


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
    assert (
        refusal(lambda: cloud.change(PIPELINE, "pipeline", artifactStores=stores), AwsInputError)
        == f"{PIPELINE}.artifactStores: of several stores each needs its region."
    )


def test_an_unknown_property_of_an_action_is_refused(cloud: Any) -> None:
    stages = [STAGES[0], {**STAGES[1], "actions": [{**STAGES[1]["actions"][0], "retries": 3}]}]
    assert refusal(lambda: _pipeline(cloud, stages=stages), AwsInputError).startswith(
        f'{PIPELINE}.stages[1].actions[0]: the offline AWS does not send the property "retries"; known are '
    )
