"""A state as the AWS provider answers it: beside what is set, AWS's own choice or a zero value of what is not.

Zero values by the SDK's annotations of outputs: an empty text for each property of a resource that is not set, and in its blocks
empty texts and lists, 0 and false, too, which SDKv2 writes for all of a block that is there at all.
"""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
import keyword
import re
from collections.abc import Mapping
from typing import Any

from tests.policies.mutations.changes import UNKNOWN, Record

ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "aws:cloudwatch/eventRule:EventRule": {"eventBusName": "default", "isEnabled": True, "state": "ENABLED"},
    "aws:codebuild/project:Project": {"cache": {"type": "NO_CACHE"}, "projectVisibility": "PRIVATE", "queuedTimeout": 480},
    "aws:codepipeline/pipeline:Pipeline": {"executionMode": "SUPERSEDED", "pipelineType": "V1", "variables": []},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "policy": '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}', "routeTableIds": [],
    },
    "aws:ecs/service:Service": {
        "availabilityZoneRebalancing": "ENABLED", "launchType": "FARGATE", "platformVersion": "LATEST", "propagateTags": "NONE",
        "deploymentConfiguration": {"bakeTimeInMinutes": "0", "strategy": "ROLLING"}, "schedulingStrategy": "REPLICA",
        "iamRole": "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    },
    "aws:iam/role:Role": {"inlinePolicies": [{"name": "all", "policy": '{"Statement":[]}'}], "path": "/"},
    "aws:lb/loadBalancer:LoadBalancer": {"subnetMappings": [{"subnetId": "subnet-1"}, {"subnetId": "subnet-2"}]},
    "aws:lb/targetGroup:TargetGroup": {
        "stickiness": {"cookieDuration": 86400, "enabled": False, "type": "lb_cookie"}, "protocolVersion": "HTTP1",
    },
    "aws:rds/instance:Instance": {
        "iops": 3000, "licenseModel": "general-public-license", "optionGroupName": "default:mysql-8-4", "storageThroughput": 125,
        "masterUserSecrets": [{"kmsKeyId": "key", "secretArn": "arn", "secretStatus": "active"}], "snapshotIdentifier": "",
    },
    "aws:s3/bucket:Bucket": {
        "acl": "private", "grants": [{"id": "owner", "permissions": ["FULL_CONTROL"], "type": "CanonicalUser"}],
        "serverSideEncryptionConfiguration": {"rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}},
        "versioning": {"enabled": True, "mfaDelete": False},
    },
    "aws:sns/topic:Topic": {
        "policy": '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"SNS:Publish","Resource":"arn:aws:sns:x",'
        '"Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}]}'
    },
    "aws:sqs/queue:Queue": {"kmsDataKeyReusePeriodSeconds": 300, "redrivePolicy": "", "sqsManagedSseEnabled": True},
}  # fmt: skip
"""By type: what AWS chooses where a program does not, some of it of what another resource sets (the provider's documentation of each)."""
_BLOCK = re.compile(r"outputs\.(\w+)")
_TEXT, _LIST, _FLAG, _NUMBER = "str", "Sequence", "bool", ("int", "float")
_OTHERWISE = frozenset({
    "containerPort", "enabled", "inCluster", "maxCapacity", "maximumEventAgeInSeconds", "maximumRetryAttempts", "minCapacity",
    "perRequestTimeoutSeconds",
})  # fmt: skip
"""Required, or answered with another value where they are not set: a default, or null."""


def read_back(record: Record) -> Record:
    """The record after `up`, and after any refresh."""
    answered = copy.deepcopy(record)
    for prop, value in ANSWERS.get(record["type"], {}).items():
        if not asked(record, prop):
            answered["outputs"][prop] = copy.deepcopy(value)
    package, _, rest = record["type"].partition(":")
    if package == "aws":
        module, _, kind = rest.partition(":")
        name = module.partition("/")[0]
        sdk = importlib.import_module(f"pulumi_aws.{name}_" if keyword.iskeyword(name) else f"pulumi_aws.{name}")
        if hasattr(sdk, kind):  # not where a test takes a module that the SDK had once
            _fill(answered["outputs"], sdk, getattr(sdk, kind), of_block=False)
    return answered


def asked(record: Record, prop: str) -> bool:
    """Whether the program sets a property: an unknown that was made from nothing is AWS's."""
    value = record["outputs"].get(prop)
    return value is not None and (value != UNKNOWN or bool(record["property_dependencies"].get(prop)))


def _fill(values: dict[str, Any], sdk: Any, kind: type, *, of_block: bool) -> None:
    for name, annotation in _properties(kind).items():
        if values.get(name) is None:
            zero = _zero(annotation, of_block=of_block)
            if zero is not None and name not in _OTHERWISE:
                values[name] = zero
        elif block := _BLOCK.search(annotation):
            held = values[name] if isinstance(values[name], list) else [values[name]]
            for item in held:
                if isinstance(item, dict):
                    _fill(item, sdk, getattr(sdk.outputs, block[1]), of_block=True)


@functools.cache
def _properties(kind: type) -> Mapping[str, str]:
    """The names of its properties, as a state has them, and their annotations without what wraps them."""
    return {
        _in_state(getattr(held.fget, "_pulumi_name", name)): re.sub(
            r"pulumi\.output\.Output\[|typing\.|Optional\[|<class '|ForwardRef\('",
            "",
            str(held.fget.__annotations__["return"]),
        )
        for name, held in inspect.getmembers(kind, lambda member: isinstance(member, property))
    }


def _in_state(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def _zero(annotation: str, *, of_block: bool) -> Any:
    if annotation.startswith(_TEXT):
        return ""
    if not of_block:
        return None
    if annotation.startswith(_LIST):
        return []
    return False if annotation.startswith(_FLAG) else 0 if annotation.startswith(_NUMBER) else None
