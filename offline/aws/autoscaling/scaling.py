"""Application Auto Scaling: the target with its bounds, scaling policies and scheduled actions."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import arn, decimal, delete_by, differs, each, joined, pascal, put_again
from offline.aws.tagging import Tagging

_SERVICE = "application-autoscaling"
_TARGET = "aws:appautoscaling/target:Target"
_POLICY = "aws:appautoscaling/policy:Policy"
_ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
_TAGGING = Tagging(service=_SERVICE, resource="ResourceARN", pair=None)

_SCALED = pascal("serviceNamespace resourceId scalableDimension")
_SCALED_BY = {member: name for name, (member, _) in _SCALED.members.items()}
_SUSPENDED = pascal("dynamicScalingInSuspended dynamicScalingOutSuspended scheduledScalingSuspended")
_BOUNDS = pascal("minCapacity maxCapacity", roleArn="RoleARN", suspendedState=_SUSPENDED)

_DIMENSIONS = each(pascal("name value"))
_STAT = pascal("stat unit", metric=pascal("metricName namespace", dimensions=_DIMENSIONS))
_QUERIES = each(pascal("id expression label returnData", metricStat=_STAT))
_PREDEFINED = pascal("predefinedMetricType resourceLabel")
_TRACKING = pascal(
    "targetValue disableScaleIn scaleInCooldown scaleOutCooldown",
    predefinedMetricSpecification=_PREDEFINED,
    customizedMetricSpecification=pascal(
        "metricName namespace statistic unit", dimensions=_DIMENSIONS, metrics=_QUERIES
    ),
)
_STEP = pascal("scalingAdjustment", metricIntervalLowerBound=decimal, metricIntervalUpperBound=decimal)
_STEPS = pascal("adjustmentType cooldown metricAggregationType minAdjustmentMagnitude", stepAdjustments=each(_STEP))
_CONFIGURED = pascal(
    "policyType",
    targetTrackingScalingPolicyConfiguration=_TRACKING,
    stepScalingPolicyConfiguration=_STEPS,
)
_ACTION_CONFIGURED = pascal(
    "schedule startTime endTime timezone", scalableTargetAction=pascal("minCapacity maxCapacity")
)


def _create_target(aws: Aws, inputs: dict[str, Any]) -> Applied:
    tags = {"Tags": inputs["tags"]} if inputs.get("tags") else {}
    target_arn = _register(aws, inputs, tags)
    role = f"arn:{aws.partition}:iam::{aws.account_id}:role/aws-service-role/{_ROLE_OF_ECS}"
    return Applied(id=inputs["resourceId"], outputs={"roleArn": role, **inputs, "arn": target_arn})


def _register(aws: Aws, inputs: dict[str, Any], more: dict[str, Any]) -> str:
    request = joined(_SCALED, _BOUNDS).of(_TARGET, inputs)
    return str(aws.call(_SERVICE, "register_scalable_target", **request, **more).get("ScalableTargetARN", ""))


# The service-linked role that AWS makes for ECS when no role is given.
_ROLE_OF_ECS = "ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"


def _update_target(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if differs(old, inputs, _BOUNDS):
        resumed = dict.fromkeys((member for member, _ in _SUSPENDED.members.values()), False)
        removed = "suspendedState" in old.inputs and "suspendedState" not in inputs
        _register(aws, inputs, {"SuspendedState": resumed} if removed else {})
    role = f"arn:{aws.partition}:iam::{aws.account_id}:role/aws-service-role/{_ROLE_OF_ECS}"
    return Applied(id=old.id, outputs={"roleArn": role, **inputs, "arn": old.outputs["arn"]})


def _put_policy(aws: Aws, inputs: dict[str, Any]) -> Applied:
    # AWS's default is StepScaling, which Terraform's AWS provider sends, too.
    given = {"policyType": "StepScaling", **inputs}
    request = {"PolicyName": inputs["name"], **joined(_SCALED, _CONFIGURED).of(_POLICY, given)}
    answer = aws.call(_SERVICE, "put_scaling_policy", **request)
    alarms = [alarm["AlarmARN"] for alarm in answer.get("Alarms", [])]
    return Applied(id=inputs["name"], outputs={"arn": answer["PolicyARN"], "alarmArns": alarms})


def _put_action(aws: Aws, inputs: dict[str, Any]) -> Applied:
    scaled = _SCALED.of(_ACTION, inputs)
    configured = _ACTION_CONFIGURED.of(_ACTION, {"timezone": "UTC", **inputs})
    aws.call(_SERVICE, "put_scheduled_action", ScheduledActionName=inputs["name"], **scaled, **configured)
    found = aws.call(_SERVICE, "describe_scheduled_actions", ScheduledActionNames=[inputs["name"]], **scaled)[
        "ScheduledActions"
    ]
    action_arn = found[0].get("ScheduledActionARN") or arn(aws, "autoscaling", f"scheduledAction:{inputs['name']}")
    action_id = "-".join((inputs["name"], inputs["serviceNamespace"], inputs["resourceId"]))
    return Applied(id=action_id, outputs={"arn": action_arn})


HANDLERS = (
    Handler(
        type_token=_TARGET,
        inputs=joined(_SCALED, _BOUNDS).names | {"tags"},
        required=_SCALED.names | {"minCapacity", "maxCapacity"},
        create=_create_target,
        update=_update_target,
        delete=delete_by(_SERVICE, "deregister_scalable_target", _SCALED_BY),
        replace_on=_SCALED.names,
        retag=_TAGGING.change,
    ),
    Handler(
        type_token=_POLICY,
        inputs=joined(_SCALED, _CONFIGURED).names | {"name"},
        required=_SCALED.names,
        create=_put_policy,
        update=put_again(_put_policy),
        delete=delete_by(_SERVICE, "delete_scaling_policy", {"PolicyName": "name", **_SCALED_BY}),
        defaults={"policyType": "StepScaling"},
        replace_on=_SCALED.names | {"name"},
        name_property="name",
        delete_before_replace=True,
    ),
    Handler(
        type_token=_ACTION,
        inputs=joined(_SCALED, _ACTION_CONFIGURED).names | {"name"},
        required=_SCALED.names | {"schedule", "scalableTargetAction"},
        create=_put_action,
        update=put_again(_put_action),
        delete=delete_by(_SERVICE, "delete_scheduled_action", {"ScheduledActionName": "name", **_SCALED_BY}),
        defaults={"timezone": "UTC"},
        replace_on=_SCALED.names | {"name"},
        name_property="name",
        delete_before_replace=True,
    ),
)
