"""EventBridge rules and their targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsError, Handler, Recorded
from offline.aws.mapping import Shape, camel, each, enabled, joined, pascal, put_again, tags_upper, wrapped
from offline.aws.tagging import Tagging

_RULE = "aws:cloudwatch/eventRule:EventRule"
_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
_TAGGING = Tagging(service="events", resource="ResourceARN")

_RULE_NAME = pascal("name eventBusName")
_RULE_PUT = pascal("description eventPattern roleArn scheduleExpression state", isEnabled=("State", enabled))
_RULE_TAGS = pascal(tags=tags_upper)

# Here EventBridge has kept the spelling of ECS.
_ECS = pascal(
    "enableExecuteCommand group launchType platformVersion propagateTags taskCount taskDefinitionArn",
    enableEcsManagedTags="EnableECSManagedTags",
    capacityProviderStrategies=("CapacityProviderStrategy", each(camel("base capacityProvider weight"))),
    networkConfiguration=wrapped("awsvpcConfiguration", pascal("subnets securityGroups", assignPublicIp=enabled)),
    orderedPlacementStrategies=("PlacementStrategy", each(camel("type field"))),
    placementConstraints=each(camel("type expression")),
    tags=tags_upper,
)
_BATCH = pascal(
    "jobDefinition jobName",
    arraySize=("ArrayProperties", lambda _where, size: {"Size": size}),
    jobAttempts=("RetryStrategy", lambda _where, attempts: {"Attempts": attempts}),
)
_SAGEMAKER = pascal(pipelineParameterLists=("PipelineParameterList", each(pascal("name value"))))
_RUN_COMMAND = ("RunCommandParameters", wrapped("RunCommandTargets", each(pascal("key values"))))
_TARGET_PUT = pascal(
    "arn roleArn input inputPath",
    appsyncTarget=("AppSyncParameters", pascal(graphqlOperation="GraphQLOperation")),
    batchTarget=("BatchParameters", _BATCH),
    deadLetterConfig=pascal("arn"),
    ecsTarget=("EcsParameters", _ECS),
    httpTarget=("HttpParameters", pascal("headerParameters pathParameterValues queryStringParameters")),
    inputTransformer=pascal("inputTemplate", inputPaths="InputPathsMap"),
    kinesisTarget=("KinesisParameters", pascal("partitionKeyPath")),
    redshiftTarget=(
        "RedshiftDataParameters",
        pascal("database dbUser sql statementName withEvent", secretsManagerArn="SecretManagerArn"),
    ),
    retryPolicy=pascal("maximumEventAgeInSeconds maximumRetryAttempts"),
    runCommandTargets=_RUN_COMMAND,
    sagemakerPipelineTarget=("SageMakerPipelineParameters", _SAGEMAKER),
    sqsTarget=("SqsParameters", pascal("messageGroupId")),
    targetId="Id",
)
_ON_RULE = pascal("rule eventBusName")
_BEHAVIOUR = pascal("forceDestroy")
_DEFAULT_BUS = {"eventBusName": "default"}


def _put_rule(shape: Shape) -> Callable[[Aws, dict[str, Any]], Applied]:
    def put(aws: Aws, inputs: dict[str, Any]) -> Applied:
        given = {**_DEFAULT_BUS, **inputs}
        rule_arn = aws.call("events", "put_rule", **{"State": "ENABLED", **shape.of(_RULE, given)})["RuleArn"]
        bus, name = given["eventBusName"], given["name"]
        return Applied(id=name if bus == "default" else f"{bus}/{name}", outputs={"arn": rule_arn})

    return put


def _delete_rule(aws: Aws, old: Recorded) -> None:
    force = {"Force": True} if old.inputs.get("forceDestroy") else {}
    aws.call("events", "delete_rule", Name=old.outputs["name"], EventBusName=old.outputs["eventBusName"], **force)


def _put_target(aws: Aws, inputs: dict[str, Any]) -> Applied:
    given = {**_DEFAULT_BUS, **inputs}
    target = _TARGET_PUT.of(_TARGET, given)
    answer = aws.call("events", "put_targets", **_ON_RULE.of(_TARGET, given), Targets=[target])
    if answer.get("FailedEntryCount"):
        failed = answer["FailedEntries"][0]
        raise AwsError(
            f"AWS refused the target of rule {given['rule']}: {failed['ErrorMessage']}", code=failed["ErrorCode"]
        )
    on_bus = "" if given["eventBusName"] == "default" else f"{given['eventBusName']}-"
    return Applied(id=f"{on_bus}{given['rule']}-{given['targetId']}", outputs={})


def _delete_target(aws: Aws, old: Recorded) -> None:
    force = {"Force": True} if old.inputs.get("forceDestroy") else {}
    where = _ON_RULE.of(_TARGET, old.outputs)
    aws.call("events", "remove_targets", **where, Ids=[old.outputs["targetId"]], **force)


HANDLERS = (
    Handler(
        type_token=_RULE,
        inputs=joined(_RULE_NAME, _RULE_PUT, _RULE_TAGS, _BEHAVIOUR).names,
        create=_put_rule(joined(_RULE_NAME, _RULE_PUT, _RULE_TAGS)),
        # PutRule replaces the whole rule, but not its tags.
        update=put_again(_put_rule(joined(_RULE_NAME, _RULE_PUT)), when=_RULE_PUT),
        delete=_delete_rule,
        replace_on=_RULE_NAME.names,
        name_property="name",
        defaults={**_DEFAULT_BUS, "state": "ENABLED", "forceDestroy": False},
        retag=_TAGGING.change,
    ),
    Handler(
        type_token=_TARGET,
        inputs=joined(_ON_RULE, _TARGET_PUT, _BEHAVIOUR).names,
        required=frozenset({"rule", "arn"}),
        create=_put_target,
        update=put_again(_put_target),
        delete=_delete_target,
        replace_on=_ON_RULE.names | {"targetId"},
        name_property="targetId",
        defaults=_DEFAULT_BUS,
    ),
)
