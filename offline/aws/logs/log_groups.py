"""CloudWatch Logs: log groups and the resource policies that let AWS services write to them."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import camel, create_by, delete_by, put_again, text
from offline.aws.shapes import changed
from offline.aws.tagging import Tagging

_TAGGING = Tagging(service="logs", resource="resourceArn", tags="tags", keys="tagKeys", pair=None)
_GROUP = camel("kmsKeyId logGroupClass", name="logGroupName", tags=lambda _where, tags: tags or None)
_POLICY = camel("policyName resourceArn", policyDocument=text)


def _create_group(aws: Aws, inputs: dict[str, Any]) -> Applied:
    aws.call("logs", "create_log_group", **_GROUP.of("aws:cloudwatch/logGroup:LogGroup", inputs))
    _set_retention(aws, inputs["name"], inputs)
    return Applied(id=inputs["name"], outputs={})


def _set_retention(aws: Aws, name: str, inputs: dict[str, Any]) -> None:
    # 0 is Pulumi's word for keeping log events forever.
    if inputs.get("retentionInDays"):
        aws.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=inputs["retentionInDays"])


def _update_group(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    if changed(old.inputs, inputs, "retentionInDays"):
        _set_retention(aws, old.id, inputs)
        if not inputs.get("retentionInDays"):
            aws.call("logs", "delete_retention_policy", logGroupName=old.id)
    if changed(old.inputs, inputs, "kmsKeyId"):
        if inputs.get("kmsKeyId"):
            aws.call("logs", "associate_kms_key", logGroupName=old.id, kmsKeyId=inputs["kmsKeyId"])
        else:
            aws.call("logs", "disassociate_kms_key", logGroupName=old.id)


_RESOURCE_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
_put_policy = create_by(_RESOURCE_POLICY, "logs", "put_resource_policy", _POLICY, id="{policyName}")

HANDLERS = (
    Handler(
        type_token="aws:cloudwatch/logGroup:LogGroup",
        inputs=_GROUP.names | {"retentionInDays", "skipDestroy"},
        create=_create_group,
        update=_update_group,
        delete=delete_by("logs", "delete_log_group", "logGroupName", unless="skipDestroy"),
        replace_on=frozenset({"name", "logGroupClass"}),
        name_property="name",
        defaults={"retentionInDays": 0, "logGroupClass": "STANDARD", "skipDestroy": False},
        arn="logs:log-group:{id}",
        retag=_TAGGING.change,
    ),
    Handler(
        type_token=_RESOURCE_POLICY,
        inputs=_POLICY.names,
        required=frozenset({"policyDocument"}),
        create=_put_policy,
        update=put_again(_put_policy),
        delete=delete_by("logs", "delete_resource_policy", "policyName"),
        replace_on=frozenset({"policyName", "resourceArn"}),
        name_property="policyName",
    ),
)
