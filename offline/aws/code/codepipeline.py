"""CodePipeline pipeline, versions 1 and 2: stages with conditions, triggers, variables."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import Convert, camel, delete_by, differs, each, joined, listed, tags_lower
from offline.aws.tagging import Tagging

_PIPELINE = "aws:codepipeline/pipeline:Pipeline"
_TAGGING = Tagging(service="codepipeline", resource="resourceArn", tags="tags", keys="tagKeys", pair=("key", "value"))


def _named(where: str, value: Any) -> list[dict[str, str]]:
    """Artifacts are plain names in Pulumi, objects in AWS."""
    return [{"name": name} for name in value]


_RULE = camel(
    "name commands configuration region roleArn timeoutInMinutes",
    inputArtifacts=_named,
    ruleTypeId=camel("category owner provider version"),
)
_CONDITIONS: tuple[str, Convert] = ("conditions", listed(camel("result", rules=each(_RULE))))
_ACTION_TYPE = camel("category owner provider version")
_ACTION = camel(
    "name commands configuration namespace outputVariables region roleArn runOrder timeoutInMinutes",
    inputArtifacts=_named,
    outputArtifacts=_named,
    outputArtifactsForComputeActions=("outputArtifacts", each(camel("name files"))),
)


def _action(where: str, value: Any) -> dict[str, Any]:
    """An action; AWS keeps the four members that name its type in an object of their own."""
    joined(_ACTION_TYPE, _ACTION)(where, value)
    return {"actionTypeId": _ACTION_TYPE.of(where, value), **_ACTION.of(where, value)}


_STAGE = camel(
    "name",
    actions=each(_action),
    beforeEntry=camel(condition=_CONDITIONS),
    onFailure=camel("result", condition=_CONDITIONS, retryConfiguration=camel("retryMode")),
    onSuccess=camel(condition=_CONDITIONS),
)
_FILTER = camel("includes excludes")
_GIT = camel(
    "sourceActionName",
    pushes=("push", each(camel(branches=_FILTER, filePaths=_FILTER, tags=_FILTER))),
    pullRequests=("pullRequest", each(camel("events", branches=_FILTER, filePaths=_FILTER))),
)
_STORE = camel("location type", encryptionKey=camel("id type"))


def _stores(inputs: dict[str, Any]) -> dict[str, Any]:
    """One store without a region, or one for each region."""
    where, given = f"{_PIPELINE}.artifactStores", inputs["artifactStores"]
    regions = [store.get("region") for store in given]
    stores = [_STORE(where, {k: v for k, v in store.items() if k != "region"}) for store in given]
    if regions == [None]:
        return {"artifactStore": stores[0]}
    if None in regions:
        raise AwsInputError([f"{where}: of several stores each needs its region."])
    return {"artifactStores": dict(zip(regions, stores, strict=True))}


_DECLARED = camel(
    "name executionMode pipelineType roleArn",
    stages=each(_STAGE),
    triggers=each(camel("providerType", gitConfiguration=_GIT)),
    variables=each(camel("name defaultValue description")),
)
_INPUTS = joined(_DECLARED, camel("artifactStores"))
_DEFAULTS = {"executionMode": "SUPERSEDED", "pipelineType": "V1"}


def _declaration(inputs: dict[str, Any]) -> dict[str, Any]:
    return {**_DECLARED.of(_PIPELINE, {**_DEFAULTS, **inputs}), **_stores(inputs)}


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    tags = {"tags": tags_lower("tags", inputs["tags"])} if inputs.get("tags") else {}
    aws.call("codepipeline", "create_pipeline", pipeline=_declaration(inputs), **tags)
    return Applied(id=inputs["name"], outputs={"triggerAlls": inputs.get("triggers", [])})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if differs(old, inputs, _INPUTS):
        aws.call("codepipeline", "update_pipeline", pipeline=_declaration(inputs))
    return Applied(id=old.id, outputs={"triggerAlls": inputs.get("triggers", [])})


HANDLERS = (
    Handler(
        type_token=_PIPELINE,
        inputs=_INPUTS.names | {"tags"},
        required=frozenset({"artifactStores", "roleArn", "stages"}),
        create=_create,
        update=_update,
        delete=delete_by("codepipeline", "delete_pipeline", "name"),
        replace_on=frozenset({"name"}),
        name_property="name",
        defaults=_DEFAULTS,
        arn="codepipeline:{id}",
        retag=_TAGGING.change,
    ),
)
