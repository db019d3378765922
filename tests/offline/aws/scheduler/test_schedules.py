"""EventBridge Scheduler: groups and schedules that run ECS tasks."""

from typing import Any

import pytest

from offline.aws.handler import AwsError, AwsInputError

GROUP = "aws:scheduler/scheduleGroup:ScheduleGroup"
SCHEDULE = "aws:scheduler/schedule:Schedule"
TARGET: dict[str, Any] = {
    "arn": "arn:aws:ecs:ap-northeast-2:123456789012:cluster/dev-item",
    "roleArn": "arn:aws:iam::123456789012:role/dev-ranking-batch-scheduler",
    "retryPolicy": {"maximumRetryAttempts": 0, "maximumEventAgeInSeconds": 60},
    "deadLetterConfig": {"arn": "arn:aws:sqs:ap-northeast-2:123456789012:dev-ranking-batch-dead-letters"},
    "ecsParameters": {
        "taskDefinitionArn": "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/dev-ranking-batch",
        "taskCount": 1,
        "launchType": "FARGATE",
        "propagateTags": "TASK_DEFINITION",
        "networkConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": False},
        "tags": {"Stage": "dev"},
    },
}


def _make(cloud: Any, **inputs: Any) -> Any:
    cloud.make(GROUP, "jobs", name="dev-jobs")
    given: dict[str, Any] = {
        "name": "dev-ranking-batch",
        "groupName": "dev-jobs",
        "scheduleExpression": "cron(0 2 * * ? *)",
        "scheduleExpressionTimezone": "Asia/Seoul",
        "flexibleTimeWindow": {"mode": "OFF"},
        "target": TARGET,
    }
    return cloud.make(SCHEDULE, "schedule", **{**given, **inputs})


def _described(cloud: Any) -> dict[str, Any]:
    return cloud.ask("scheduler", "get_schedule", GroupName="dev-jobs", Name="dev-ranking-batch")


def test_group(cloud: Any) -> None:
    made = cloud.make(GROUP, "jobs", name="dev-jobs", tags={"Stage": "dev"})
    assert (made.id, made.outputs["state"]) == ("dev-jobs", "ACTIVE")
    assert made.outputs["arn"] == "arn:aws:scheduler:ap-northeast-2:123456789012:schedule-group/dev-jobs"
    cloud.change(GROUP, "jobs", tags={"Owner": "team"})
    tags = cloud.ask("scheduler", "list_tags_for_resource", ResourceArn=made.outputs["arn"])["Tags"]
    assert tags == [{"Key": "Owner", "Value": "team"}]
    cloud.delete(GROUP, "jobs")
    assert [group["Name"] for group in cloud.ask("scheduler", "list_schedule_groups")["ScheduleGroups"]] == ["default"]


def test_schedule(cloud: Any) -> None:
    made = _make(cloud)
    assert made.id == "dev-jobs/dev-ranking-batch"
    assert made.outputs["arn"] == "arn:aws:scheduler:ap-northeast-2:123456789012:schedule/dev-jobs/dev-ranking-batch"
    found = _described(cloud)
    assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"]) == ("cron(0 2 * * ? *)", "Asia/Seoul")
    assert (found["State"], found["FlexibleTimeWindow"]) == ("ENABLED", {"Mode": "OFF"})
    target = found["Target"]
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    assert target["DeadLetterConfig"] == {"Arn": TARGET["deadLetterConfig"]["arn"]}
    assert target["EcsParameters"] == {
        "TaskDefinitionArn": TARGET["ecsParameters"]["taskDefinitionArn"],
        "TaskCount": 1,
        "LaunchType": "FARGATE",
        "PropagateTags": "TASK_DEFINITION",
        "NetworkConfiguration": {
            "awsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}
        },
        "Tags": [{"key": "Stage", "value": "dev"}],
    }


def test_an_update_replaces_the_whole_schedule(cloud: Any) -> None:
    _make(cloud, description="nightly", state="DISABLED")
    cloud.change(
        SCHEDULE,
        "schedule",
        scheduleExpression="rate(1 hour)",
        description=None,
        state=None,
        actionAfterCompletion="DELETE",
    )
    found = _described(cloud)
    assert (found["ScheduleExpression"], found["State"]) == ("rate(1 hour)", "ENABLED")
    assert found["ActionAfterCompletion"] == "DELETE"
    assert "Description" not in found
    cloud.change(SCHEDULE, "schedule")
    assert cloud.operations_of_last() == []
    cloud.delete(SCHEDULE, "schedule")
    assert cloud.ask("scheduler", "list_schedules")["Schedules"] == []


def test_capacity_providers_of_a_task(cloud: Any) -> None:
    ecs = {
        "taskDefinitionArn": "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/x",
        "capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
        "enableEcsManagedTags": True,
    }
    _make(cloud, target={**TARGET, "ecsParameters": ecs})
    sent = _described(cloud)["Target"]["EcsParameters"]
    assert sent["CapacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    assert sent["EnableECSManagedTags"] is True


def test_an_unknown_property_of_the_target_is_refused(cloud: Any) -> None:
    with pytest.raises(AwsInputError) as caught:
        _make(cloud, target={**TARGET, "ecsParameters": {**TARGET["ecsParameters"], "cpu": 256}})
    assert str(caught.value).startswith(
        'aws:scheduler/schedule:Schedule.target.ecsParameters: the offline AWS does not send the property "cpu"; known are '
    )


def test_a_schedule_needs_its_group(cloud: Any) -> None:
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        _make(cloud, groupName="other")
