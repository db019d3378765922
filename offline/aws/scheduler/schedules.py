"""EventBridge Scheduler: schedule groups, and schedules that run ECS tasks or call other targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler
from offline.aws.mapping import (
    camel,
    create_by,
    delete_by,
    each,
    enabled,
    joined,
    pascal,
    put_again,
    tags_upper,
    unchanged,
    wrapped,
)
from offline.aws.tagging import Tagging

_GROUP = "aws:scheduler/scheduleGroup:ScheduleGroup"
_SCHEDULE = "aws:scheduler/schedule:Schedule"
_TAGGING = Tagging(service="scheduler")


def _tag_maps(_where: str, value: Any) -> list[dict[str, str]]:
    """ECS's own form of tags, in which the Scheduler passes them on: one map a tag."""
    return [{"key": name, "value": text} for name, text in sorted(value.items())]


# In these members the Scheduler has kept ECS's spelling.
_NETWORK = wrapped("awsvpcConfiguration", pascal("subnets securityGroups", assignPublicIp=enabled))
_ECS = pascal(
    "taskDefinitionArn taskCount launchType platformVersion group propagateTags referenceId enableExecuteCommand",
    enableEcsManagedTags="EnableECSManagedTags",
    networkConfiguration=_NETWORK,
    capacityProviderStrategies=("CapacityProviderStrategy", each(camel("capacityProvider weight base"))),
    placementConstraints=each(camel("type expression")),
    placementStrategies=("PlacementStrategy", each(camel("type field"))),
    tags=_tag_maps,
)
_PIPELINE_PARAMETERS = pascal(pipelineParameters=("PipelineParameterList", each(pascal("name value"))))
_TARGET = pascal(
    "arn roleArn input",
    deadLetterConfig=pascal("arn"),
    retryPolicy=pascal("maximumEventAgeInSeconds maximumRetryAttempts"),
    ecsParameters=_ECS,
    eventbridgeParameters=("EventBridgeParameters", pascal("detailType source")),
    kinesisParameters=pascal("partitionKey"),
    sagemakerPipelineParameters=("SageMakerPipelineParameters", _PIPELINE_PARAMETERS),
    sqsParameters=pascal("messageGroupId"),
)
_NAME = pascal("name groupName")
_CONFIGURED = pascal(
    "scheduleExpression scheduleExpressionTimezone startDate endDate description state kmsKeyArn actionAfterCompletion",
    flexibleTimeWindow=pascal("mode maximumWindowInMinutes"),
    target=_TARGET,
)
_DEFAULTS = {"groupName": "default", "scheduleExpressionTimezone": "UTC", "state": "ENABLED"}


def _create_group(aws: Aws, inputs: dict[str, Any]) -> Applied:
    aws.call("scheduler", "create_schedule_group", **pascal("name", tags=tags_upper).of(_GROUP, inputs))
    group = aws.call("scheduler", "get_schedule_group", Name=inputs["name"])
    computed = {
        "arn": group["Arn"],
        "state": group["State"],
        "creationDate": group["CreationDate"].isoformat(),
        "lastModificationDate": group["LastModificationDate"].isoformat(),
    }
    return Applied(id=inputs["name"], outputs=computed)


def _schedule(operation: str) -> Callable[[Aws, dict[str, Any]], Applied]:
    shape, outputs = joined(_NAME, _CONFIGURED), {"arn": "ScheduleArn"}
    return create_by(
        _SCHEDULE, "scheduler", operation, shape, id="{groupName}/{name}", outputs=outputs, given=_DEFAULTS
    )


HANDLERS = (
    Handler(
        type_token=_GROUP,
        inputs=frozenset({"name", "tags"}),
        create=_create_group,
        update=unchanged,
        delete=delete_by("scheduler", "delete_schedule_group", "Name"),
        replace_on=frozenset({"name"}),
        name_property="name",
        retag=_TAGGING.change,
    ),
    Handler(
        type_token=_SCHEDULE,
        inputs=joined(_NAME, _CONFIGURED).names,
        required=frozenset({"flexibleTimeWindow", "scheduleExpression", "target"}),
        create=_schedule("create_schedule"),
        # What a request leaves out goes back to its default.
        update=put_again(_schedule("update_schedule"), when=_CONFIGURED),
        delete=delete_by("scheduler", "delete_schedule", {"GroupName": "groupName", "Name": "name"}),
        replace_on=_NAME.names,
        name_property="name",
        defaults=_DEFAULTS,
    ),
)
