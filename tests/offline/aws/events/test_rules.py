"""EventBridge rules and targets."""

import json
from typing import Any

import pytest

from offline.aws.handler import AwsError

RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:dev-alerts"
PATTERN = {"source": ["aws.ecs"], "$or": [{"detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]}}, {"region": ["x"]}]}


def _make(cloud: Any, **inputs: Any) -> Any:
    return cloud.make(RULE, "failed", name="dev-failed-deployment", eventPattern=json.dumps(PATTERN), **inputs)


def _rule(cloud: Any) -> dict[str, Any]:
    return cloud.ask("events", "describe_rule", Name="dev-failed-deployment")


def _targets(cloud: Any) -> list[dict[str, Any]]:
    return cloud.ask("events", "list_targets_by_rule", Rule="dev-failed-deployment")["Targets"]


def test_rule(cloud: Any) -> None:
    made = _make(cloud, description="Failed", tags={"Stage": "dev"})
    assert (made.id, made.outputs["eventBusName"]) == ("dev-failed-deployment", "default")
    assert made.outputs["arn"] == "arn:aws:events:ap-northeast-2:123456789012:rule/dev-failed-deployment"
    rule = _rule(cloud)
    assert (json.loads(rule["EventPattern"]), rule["Description"], rule["State"]) == (PATTERN, "Failed", "ENABLED")
    cloud.change(RULE, "failed", description=None, state="DISABLED", tags={"Owner": "team"})
    assert _rule(cloud)["State"] == "DISABLED"
    assert "Description" not in _rule(cloud)
    tags = cloud.ask("events", "list_tags_for_resource", ResourceARN=made.outputs["arn"])["Tags"]
    assert tags == [{"Key": "Owner", "Value": "team"}]
    cloud.delete(RULE, "failed")
    assert cloud.ask("events", "list_rules")["Rules"] == []


def test_target(cloud: Any) -> None:
    _make(cloud)
    made = cloud.make(
        TARGET,
        "failed",
        rule="dev-failed-deployment",
        targetId="alerts",
        arn=TOPIC,
        inputTransformer={"inputPaths": {"name": "$.detail.eventName"}, "inputTemplate": '"<name>"'},
        retryPolicy={"maximumRetryAttempts": 1, "maximumEventAgeInSeconds": 60},
        deadLetterConfig={"arn": "arn:aws:sqs:ap-northeast-2:123456789012:q"},
    )
    assert made.id == "dev-failed-deployment-alerts"
    assert _targets(cloud) == [
        {
            "Id": "alerts",
            "Arn": TOPIC,
            "InputTransformer": {"InputPathsMap": {"name": "$.detail.eventName"}, "InputTemplate": '"<name>"'},
            "RetryPolicy": {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60},
            "DeadLetterConfig": {"Arn": "arn:aws:sqs:ap-northeast-2:123456789012:q"},
        }
    ]
    cloud.change(TARGET, "failed", inputTransformer=None, retryPolicy=None, deadLetterConfig=None)
    assert _targets(cloud) == [{"Id": "alerts", "Arn": TOPIC}]
    with pytest.raises(AwsError, match="Rule can't be deleted since it has targets"):
        cloud.delete(RULE, "failed")
    cloud.delete(TARGET, "failed")
    assert _targets(cloud) == []


def test_a_target_that_runs_a_task(cloud: Any) -> None:
    _make(cloud)
    ecs = {
        "taskDefinitionArn": "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/x",
        "taskCount": 1,
        "launchType": "FARGATE",
        "enableEcsManagedTags": True,
        "networkConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": True},
        "tags": {"Stage": "dev"},
    }
    cluster = "arn:aws:ecs:ap-northeast-2:123456789012:cluster/dev-item"
    role = "arn:aws:iam::123456789012:role/events"
    made = cloud.make(TARGET, "run", rule="dev-failed-deployment", arn=cluster, roleArn=role, ecsTarget=ecs)
    (target,) = _targets(cloud)
    assert target["Id"] == made.outputs["targetId"]
    assert target["EcsParameters"] == {
        "TaskDefinitionArn": ecs["taskDefinitionArn"],
        "TaskCount": 1,
        "LaunchType": "FARGATE",
        "EnableECSManagedTags": True,
        "NetworkConfiguration": {
            "awsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "ENABLED"}
        },
        "Tags": [{"Key": "Stage", "Value": "dev"}],
    }
