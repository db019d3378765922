"""AWS's answers in the names of pulumi-aws, as far as the connection budget reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policies.budget.declarations import ELSEWHERE_TAG
from policies.resources.json_text import read_json


def instance(found: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of DescribeDBInstances."""
    props = {
        "identifier": found["DBInstanceIdentifier"],
        "engine": found["Engine"],
        "engineVersion": found.get("EngineVersion"),
        "instanceClass": found["DBInstanceClass"],
        "parameterGroupName": found["DBParameterGroups"][0]["DBParameterGroupName"],
        "replicateSourceDb": found.get("ReadReplicaSourceDBInstanceIdentifier"),
        "vpcSecurityGroupIds": [item["VpcSecurityGroupId"] for item in found.get("VpcSecurityGroups", [])],
        # Whom its groups let in of elsewhere is asked of the program; here those count that are found running.
        "tags": {ELSEWHERE_TAG: "0"} | {item["Key"]: item["Value"] for item in found.get("TagList", [])},
    }
    return _known(props)


def parameter_group(name: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The parameters that have a value, AWS's own formulas of a default group included."""
    return {"name": name, "parameters": [{"name": key, "value": value} for key, value in parameters.items()]}


def unmanaged_database(name: str, *, max_connections: int, reserve: int) -> dict[str, Any]:
    """A database that is taken as declared, in the form of the platform's own component."""
    return {"existing": True, "host": name, "maxConnections": max_connections, "reserve": reserve}


def service(found: Mapping[str, Any], cluster: str, family: str) -> dict[str, Any]:
    """An answer of DescribeServices; family: of the one task definition that counts among those it runs."""
    configuration = found.get("deploymentConfiguration") or {}
    return _known(
        {
            "name": found["serviceName"],
            "cluster": cluster,
            "taskDefinition": family,
            "desiredCount": found.get("desiredCount"),
            "deploymentMaximumPercent": configuration.get("maximumPercent"),
            "deploymentConfiguration": _known({"strategy": configuration.get("strategy")}),
            "deploymentController": found.get("deploymentController"),
            "schedulingStrategy": found.get("schedulingStrategy"),
        }
    )


def task_definition(found: Mapping[str, Any], tags: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """An answer of DescribeTaskDefinition with its tags."""
    return {
        "arn": found["taskDefinitionArn"],
        "family": found["family"],
        "revision": found["revision"],
        "containerDefinitions": json.dumps(found["containerDefinitions"], default=str),
        "tags": {item["key"]: item["value"] for item in tags},
    }


def schedule(found: Mapping[str, Any], family: str) -> dict[str, Any]:
    """An answer of GetSchedule, for a target in ECS."""
    target = found["Target"]
    window, retries = found.get("FlexibleTimeWindow") or {}, target.get("RetryPolicy") or {}
    return {
        **lowered(found, "Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone"),
        "flexibleTimeWindow": lowered(window, "Mode", "MaximumWindowInMinutes"),
        "target": {
            "ecsParameters": {"taskDefinitionArn": family, "taskCount": target["EcsParameters"].get("TaskCount", 1)},
            "retryPolicy": lowered(retries, "MaximumRetryAttempts", "MaximumEventAgeInSeconds"),
            **lowered(target, "Input"),
        },
    }


def scaling_target(found: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of DescribeScalableTargets."""
    return lowered(found, "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity")


def scheduled_action(found: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of DescribeScheduledActions."""
    bounds = found.get("ScalableTargetAction") or {}
    return {
        **lowered(found, "ResourceId", "ScalableDimension"),
        "scalableTargetAction": lowered(bounds, "MinCapacity", "MaxCapacity"),
    }


def lowered(found: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """These members of an answer as pulumi-aws and ECS spell them ("minCapacity"), without those that have no value."""
    return {name[0].lower() + name[1:]: found[name] for name in names if found.get(name) is not None}


def values(answer: Mapping[str, Any]) -> Iterator[str]:
    """Every value in the containers' environments of an answer of DescribeTaskDefinition, a host without its port."""
    for container in answer["taskDefinition"]["containerDefinitions"]:
        for item in container.get("environment", []):
            yield str(item.get("value", "")).partition(":")[0]


def environment_values(container_definitions: str, name: str) -> Iterator[str]:
    """The values of one variable in the containers of a task definition."""
    for container in read_json(container_definitions):
        for item in container.get("environment", []):
            if item.get("name") == name:
                yield str(item.get("value", ""))


def _known(props: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in props.items() if value is not None}
