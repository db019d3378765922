"""Application Auto Scaling of an ECS service."""

from typing import Any

import pytest

from offline.aws.handler import AwsError

SERVICE = "application-autoscaling"
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
SCALED = {
    "serviceNamespace": "ecs",
    "resourceId": "service/prd-item/prd-datalab-api",
    "scalableDimension": "ecs:service:DesiredCount",
}
REQUESTS = {
    "targetValue": 100,
    "scaleInCooldown": 300,
    "scaleOutCooldown": 60,
    "predefinedMetricSpecification": {
        "predefinedMetricType": "ALBRequestCountPerTarget",
        "resourceLabel": "app/prd/1/targetgroup/prd-datalab-api/2",
    },
}


@pytest.fixture(autouse=True)
def scaled_service(cloud: Any) -> None:
    """The ECS service that is scaled."""
    with cloud.provider.aws.operation("service"):
        call = cloud.provider.aws.call
        call("ecs", "create_cluster", clusterName="prd-item")
        container = {"name": "app", "image": "app:1", "memory": 512}
        call("ecs", "register_task_definition", family="api", containerDefinitions=[container])
        call(
            "ecs",
            "create_service",
            cluster="prd-item",
            serviceName="prd-datalab-api",
            taskDefinition="api",
            desiredCount=2,
        )


def _target(cloud: Any, **inputs: Any) -> Any:
    return cloud.make(TARGET, "scaling", **{**SCALED, "minCapacity": 2, "maxCapacity": 6, **inputs})


def _targets(cloud: Any) -> list[dict[str, Any]]:
    return cloud.ask(SERVICE, "describe_scalable_targets", ServiceNamespace="ecs")["ScalableTargets"]


def _policies(cloud: Any) -> list[dict[str, Any]]:
    return cloud.ask(SERVICE, "describe_scaling_policies", ServiceNamespace="ecs")["ScalingPolicies"]


def test_target(cloud: Any) -> None:
    made = _target(cloud, suspendedState={"dynamicScalingInSuspended": True}, tags={"Stage": "prd"})
    assert made.id == SCALED["resourceId"]
    (target,) = _targets(cloud)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
    assert target["ScalableTargetARN"] == made.outputs["arn"]
    assert target["SuspendedState"] == {"DynamicScalingInSuspended": True}
    changed = cloud.change(TARGET, "scaling", maxCapacity=4, suspendedState=None, tags={"Owner": "team"})
    (target,) = _targets(cloud)
    assert (target["MaxCapacity"], target["ScalableTargetARN"]) == (4, changed.outputs["arn"])
    assert set(target["SuspendedState"].values()) == {False}
    tags = cloud.ask(SERVICE, "list_tags_for_resource", ResourceARN=made.outputs["arn"])["Tags"]
    assert tags == {"Owner": "team"}
    cloud.delete(TARGET, "scaling")
    assert _targets(cloud) == []


def test_a_target_needs_its_service(cloud: Any) -> None:
    with pytest.raises(AwsError, match="ECS service doesn't exist: service/prd-item/other"):
        _target(cloud, resourceId="service/prd-item/other")


def test_target_tracking_on_requests(cloud: Any) -> None:
    _target(cloud)
    tracking = {"policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": REQUESTS}
    made = cloud.make(POLICY, "requests", name="requests", **SCALED, **tracking)
    (policy,) = _policies(cloud)
    assert policy["PolicyARN"] == made.outputs["arn"]
    assert policy["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 100,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 60,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "ALBRequestCountPerTarget",
            "ResourceLabel": "app/prd/1/targetgroup/prd-datalab-api/2",
        },
    }
    assert [alarm["AlarmARN"] for alarm in policy["Alarms"]] == made.outputs["alarmArns"]


def test_a_changed_policy_keeps_its_arn_and_loses_its_old_alarms(cloud: Any) -> None:
    _target(cloud)
    tracking = {"policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": REQUESTS}
    made = cloud.make(POLICY, "requests", name="requests", **SCALED, **tracking)
    changed = cloud.change(POLICY, "requests", targetTrackingScalingPolicyConfiguration={**REQUESTS, "targetValue": 50})
    assert changed.outputs["arn"] == made.outputs["arn"]
    (policy,) = _policies(cloud)
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 50
    alarms = cloud.ask("cloudwatch", "describe_alarms")["MetricAlarms"]
    assert [alarm["AlarmArn"] for alarm in alarms] == changed.outputs["alarmArns"]
    cloud.delete(POLICY, "requests")
    assert _policies(cloud) == []
    assert cloud.ask("cloudwatch", "describe_alarms")["MetricAlarms"] == []


def test_tracking_of_an_expression(cloud: Any) -> None:
    _target(cloud)
    stat = {
        "stat": "Average",
        "metric": {"metricName": "M", "namespace": "N", "dimensions": [{"name": "a", "value": "b"}]},
    }
    metrics = [{"id": "m", "metricStat": stat, "returnData": False}, {"id": "e", "expression": "m / 2"}]
    custom = {"targetValue": 1.5, "customizedMetricSpecification": {"metrics": metrics}}
    cloud.make(
        POLICY,
        "custom",
        name="custom",
        policyType="TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration=custom,
        **SCALED,
    )
    (policy,) = _policies(cloud)
    sent = policy["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]["Metrics"]
    assert sent[0]["MetricStat"]["Metric"]["Dimensions"] == [{"Name": "a", "Value": "b"}]
    assert sent[1] == {"Id": "e", "Expression": "m / 2"}


def test_step_scaling_is_the_default(cloud: Any) -> None:
    _target(cloud)
    steps = {
        "adjustmentType": "ChangeInCapacity",
        "cooldown": 60,
        "metricAggregationType": "Maximum",
        "stepAdjustments": [{"metricIntervalUpperBound": "0", "scalingAdjustment": -1}],
    }
    made = cloud.make(POLICY, "steps", name="steps", stepScalingPolicyConfiguration=steps, **SCALED)
    (policy,) = _policies(cloud)
    assert (policy["PolicyType"], made.outputs["policyType"]) == ("StepScaling", "StepScaling")
    assert policy["StepScalingPolicyConfiguration"]["StepAdjustments"] == [
        {"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -1}
    ]


def test_scheduled_action(cloud: Any) -> None:
    _target(cloud)
    made = cloud.make(
        ACTION,
        "morning",
        name="morning",
        schedule="cron(0 9 * * ? *)",
        timezone="Asia/Seoul",
        scalableTargetAction={"minCapacity": 3, "maxCapacity": 6},
        **SCALED,
    )
    assert made.outputs["arn"].endswith(":scheduledActionName/morning")
    cloud.change(ACTION, "morning", schedule="cron(0 8 * * ? *)", scalableTargetAction={"maxCapacity": 8})
    (action,) = cloud.ask(SERVICE, "describe_scheduled_actions", ServiceNamespace="ecs")["ScheduledActions"]
    assert (action["Schedule"], action["Timezone"]) == ("cron(0 8 * * ? *)", "Asia/Seoul")
    assert action["ScalableTargetAction"] == {"MaxCapacity": 8}
    cloud.delete(ACTION, "morning")
    assert cloud.ask(SERVICE, "describe_scheduled_actions", ServiceNamespace="ecs")["ScheduledActions"] == []
