"""ECS task definition: every change registers a new revision of the family."""

from __future__ import annotations

import json
from typing import Any

from offline.aws.api import Aws
from offline.aws.ecs.cluster import TAGGING
from offline.aws.handler import Applied, AwsError, AwsInputError, Handler, Recorded
from offline.aws.mapping import Convert, camel, delete_by, each, joined, pairs, tags_lower, unchanged
from policies.resources.json_text import read_json

_TASK = "aws:ecs/taskDefinition:TaskDefinition"


def _containers(where: str, value: Any) -> list[dict[str, Any]]:
    try:
        containers = read_json(value) if isinstance(value, str) else value
    except ValueError as error:
        raise AwsInputError([f"{where} is not JSON: {error}"]) from None
    if not isinstance(containers, list):
        raise AwsInputError(
            [f"{where} must be a JSON list of container definitions; found {type(containers).__name__}."]
        )
    return [_plain(container) for container in containers]


def _plain(value: Any) -> Any:
    """Without nulls: in AWS's JSON they mean absent, and requests have no null."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    return [_plain(item) for item in value] if isinstance(value, list) else value


_name_value: Convert = pairs("name", "value")
_AUTHORIZATION = camel("credentialsParameter domain")
_VOLUME = camel(
    "name",
    configureAtLaunch="configuredAtLaunch",
    hostPath=("host", lambda _where, path: {"sourcePath": path}),
    dockerVolumeConfiguration=camel("autoprovision driver driverOpts labels scope"),
    efsVolumeConfiguration=camel(
        "fileSystemId rootDirectory transitEncryption transitEncryptionPort",
        authorizationConfig=camel("accessPointId iam"),
    ),
    fsxWindowsFileServerVolumeConfiguration=camel("fileSystemId rootDirectory", authorizationConfig=_AUTHORIZATION),
    s3filesVolumeConfiguration=camel("fileSystemArn accessPointArn rootDirectory transitEncryptionPort"),
)
_REGISTERED = camel(
    "family cpu memory networkMode executionRoleArn taskRoleArn ipcMode pidMode requiresCompatibilities",
    containerDefinitions=_containers,
    enableFaultInjection="enableFaultInjection",
    ephemeralStorage=camel(sizeInGib="sizeInGiB"),
    placementConstraints=each(camel("type expression")),
    proxyConfiguration=camel("containerName type", properties=_name_value),
    runtimePlatform=camel("cpuArchitecture operatingSystemFamily"),
    volumes=each(_VOLUME),
    tags=tags_lower,
)
# Members that have the same name and form in a request, an answer and the inputs.
_COPIED = ("cpu", "memory", "executionRoleArn", "taskRoleArn", "requiresCompatibilities", "runtimePlatform")
# Pulumi's own: what deletion and refresh do, nothing that is sent to AWS.
_BEHAVIOUR = camel("skipDestroy trackLatest")


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    request = _REGISTERED.of(_TASK, inputs)
    request.update({name: str(request[name]) for name in ("cpu", "memory") if name in request})
    return _applied(aws.call("ecs", "register_task_definition", **request)["taskDefinition"], inputs)


def _applied(registered: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    arn = registered["taskDefinitionArn"]
    computed = {
        "arn": arn,
        "arnWithoutRevision": arn.rsplit(":", 1)[0],
        "revision": registered["revision"],
        "networkMode": registered.get("networkMode", inputs.get("networkMode")),
    }
    return Applied(id=inputs["family"], outputs={**inputs, **computed})


def _read(aws: Aws, old: Recorded) -> Applied | None:
    """The recorded revision; with trackLatest the family's newest, as a pipeline may have registered it."""
    name = old.id if old.inputs.get("trackLatest") else old.outputs["arn"]
    try:
        answer = aws.call("ecs", "describe_task_definition", taskDefinition=name, include=["TAGS"])
    except AwsError as error:
        if error.code == "ClientException":  # AWS's word for a task definition that does not exist
            return None
        raise
    found = answer["taskDefinition"]
    if found["status"] != "ACTIVE":
        return None
    if found["taskDefinitionArn"] == old.outputs["arn"]:
        return Applied(id=old.id, outputs=old.outputs)
    return _applied(found, {**old.inputs, **_foreign(found, answer.get("tags", []), old.inputs)})


def _foreign(found: dict[str, Any], tags: list[dict[str, str]], inputs: dict[str, Any]) -> dict[str, Any]:
    """What a revision that somebody else registered has in the place of these inputs."""
    seen: dict[str, Any] = {name: found[name] for name in _COPIED if name in found}
    seen["tags"] = {tag["key"]: tag["value"] for tag in tags}
    seen["containerDefinitions"] = json.dumps(
        found["containerDefinitions"], separators=(",", ":"), sort_keys=True, ensure_ascii=False
    )
    # cpu and memory may be numbers for Pulumi and are text for AWS.
    return {
        name: value
        for name, value in seen.items()
        if value != inputs.get(name) and str(value) != str(inputs.get(name)) and (value or name in inputs)
    }


HANDLERS = (
    Handler(
        type_token=_TASK,
        inputs=joined(_REGISTERED, _BEHAVIOUR).names,
        required=frozenset({"family", "containerDefinitions"}),
        create=_create,
        # Without a new revision.
        update=unchanged,
        delete=delete_by("ecs", "deregister_task_definition", {"taskDefinition": "arn"}, unless="skipDestroy"),
        replace_on=_REGISTERED.names - {"tags"},
        defaults=dict.fromkeys(("skipDestroy", "trackLatest", "enableFaultInjection"), False),
        retag=TAGGING.change,
        read=_read,
    ),
)
