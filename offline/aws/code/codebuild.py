"""CodeBuild project."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Handler, Recorded
from offline.aws.mapping import camel, create_by, delete_by, differs, each, joined, tags_lower

_PROJECT = "aws:codebuild/project:Project"

_ARTIFACTS = camel(
    "type artifactIdentifier bucketOwnerAccess encryptionDisabled location name namespaceType overrideArtifactName "
    "packaging path"
)
_SOURCE = camel(
    "type buildspec gitCloneDepth insecureSsl location reportBuildStatus sourceIdentifier",
    auth=camel("resource type"),
    buildStatusConfig=camel("context targetUrl"),
    gitSubmodulesConfig=camel("fetchSubmodules"),
)
_ENVIRONMENT = camel(
    "certificate computeType hostKernel image imagePullCredentialsType privilegedMode type",
    dockerServer=camel("computeType securityGroupIds"),
    environmentVariables=each(camel("name value type")),
    fleet=camel("fleetArn"),
    registryCredential=camel("credential credentialProvider"),
)
_LOGS = camel(
    cloudwatchLogs=("cloudWatchLogs", camel("groupName status streamName")),
    s3Logs=camel("bucketOwnerAccess encryptionDisabled location status"),
)
_BATCH = camel(
    "combineArtifacts serviceRole timeoutInMins",
    restrictions=camel("maximumBuildsAllowed", computeTypesAlloweds="computeTypesAllowed"),
)
_NAME = camel("name")
_CONFIGURED = camel(
    "autoRetryLimit badgeEnabled concurrentBuildLimit description encryptionKey serviceRole sourceVersion",
    artifacts=_ARTIFACTS,
    buildBatchConfig=_BATCH,
    buildTimeout="timeoutInMinutes",
    cache=camel("cacheNamespace location modes type"),
    environment=_ENVIRONMENT,
    fileSystemLocations=each(camel("identifier location mountOptions mountPoint type")),
    logsConfig=_LOGS,
    queuedTimeout="queuedTimeoutInMinutes",
    secondaryArtifacts=each(_ARTIFACTS),
    secondarySources=each(_SOURCE),
    secondarySourceVersions=each(camel("sourceIdentifier sourceVersion")),
    source=_SOURCE,
    tags=tags_lower,
    vpcConfig=camel("securityGroupIds subnets vpcId"),
)
# UpdateProject keeps what a request leaves out: a property that a program takes away is set to this.
_RESET: dict[str, Any] = {
    "badgeEnabled": False,
    "cache": {"type": "NO_CACHE"},
    "description": "",
    "fileSystemLocations": [],
    "queuedTimeoutInMinutes": 480,
    "secondaryArtifacts": [],
    "secondarySources": [],
    "secondarySourceVersions": [],
    "sourceVersion": "",
    "tags": [],
    "timeoutInMinutes": 60,
    "vpcConfig": {},
}
_DEFAULTS = {
    "badgeEnabled": False,
    "badgeUrl": "",
    "buildTimeout": 60,
    "projectVisibility": "PRIVATE",
    "publicProjectAlias": "",
    "queuedTimeout": 480,
}


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    if differs(old, inputs, _CONFIGURED):
        before, after = _CONFIGURED.of(_PROJECT, old.inputs), _CONFIGURED.of(_PROJECT, inputs)
        removed = {name: _RESET[name] for name in before if name in _RESET and name not in after}
        aws.call("codebuild", "update_project", name=inputs["name"], **removed, **after)


HANDLERS = (
    Handler(
        type_token=_PROJECT,
        inputs=joined(_NAME, _CONFIGURED).names,
        required=frozenset({"artifacts", "environment", "serviceRole", "source"}),
        create=create_by(_PROJECT, "codebuild", "create_project", joined(_NAME, _CONFIGURED), id="arn", part="project"),
        update=_update,
        delete=delete_by("codebuild", "delete_project", {"name": "name"}),
        replace_on=_NAME.names,
        name_property="name",
        defaults=_DEFAULTS,
        arn="{id}",
    ),
)
