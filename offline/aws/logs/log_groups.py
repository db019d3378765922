"""CloudWatch Logs: log groups and the resource policies that let AWS services write to them."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import delete_by, put_again
from offline.aws.shapes import changed, document, present
from offline.aws.tagging import Tagging

_TAGGING = Tagging(service="logs", resource="resourceArn", tags="tags", keys="tagKeys", pair=None)


def _arn(aws: Aws, name: str) -> str:
    return f"arn:{aws.partition}:logs:{aws.region}:{aws.account_id}:log-group:{name}"


def _create_group(aws: Aws, inputs: dict[str, Any]) -> Applied:
    name = inputs["name"]
    aws.call(
        "logs",
        "create_log_group",
        **present(
            logGroupName=name,
            kmsKeyId=inputs.get("kmsKeyId"),
            tags=inputs.get("tags") or None,
            logGroupClass=inputs.get("logGroupClass"),
        ),
    )
    _set_retention(aws, name, inputs)
    return _group(aws, inputs)


def _group(aws: Aws, inputs: dict[str, Any]) -> Applied:
    defaults = {"retentionInDays": 0, "logGroupClass": "STANDARD", "skipDestroy": False}
    return Applied(id=inputs["name"], outputs={**defaults, **inputs, "arn": _arn(aws, inputs["name"])})


def _set_retention(aws: Aws, name: str, inputs: dict[str, Any]) -> None:
    # 0 is Pulumi's word for keeping log events forever.
    if inputs.get("retentionInDays"):
        aws.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=inputs["retentionInDays"])


def _update_group(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    if changed(old.inputs, inputs, "retentionInDays"):
        _set_retention(aws, old.id, inputs)
        if not inputs.get("retentionInDays"):
            aws.call("logs", "delete_retention_policy", logGroupName=old.id)
    if changed(old.inputs, inputs, "kmsKeyId"):
        if inputs.get("kmsKeyId"):
            aws.call("logs", "associate_kms_key", logGroupName=old.id, kmsKeyId=inputs["kmsKeyId"])
        else:
            aws.call("logs", "disassociate_kms_key", logGroupName=old.id)
    _TAGGING.change(aws, _arn(aws, old.id), old, inputs)
    return _group(aws, inputs)


def _delete_group(aws: Aws, old: Recorded) -> None:
    if not old.inputs.get("skipDestroy"):
        aws.call("logs", "delete_log_group", logGroupName=old.id)


def _put_policy(aws: Aws, inputs: dict[str, Any]) -> Applied:
    aws.call(
        "logs",
        "put_resource_policy",
        **present(
            policyName=inputs["policyName"],
            policyDocument=document(inputs["policyDocument"]),
            resourceArn=inputs.get("resourceArn"),
        ),
    )
    return Applied(id=inputs["policyName"], outputs=inputs)


HANDLERS = (
    Handler(
        type_token="aws:cloudwatch/logGroup:LogGroup",
        inputs=frozenset({"name", "retentionInDays", "kmsKeyId", "logGroupClass", "skipDestroy"} | {"tags"}),
        create=_create_group,
        update=_update_group,
        delete=_delete_group,
        replace_on=frozenset({"name", "logGroupClass"}),
        name_property="name",
    ),
    Handler(
        type_token="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        inputs=frozenset({"policyName", "policyDocument", "resourceArn"}),
        required=frozenset({"policyDocument"}),
        create=_put_policy,
        update=put_again(_put_policy),
        delete=delete_by("logs", "delete_resource_policy", "policyName"),
        replace_on=frozenset({"policyName", "resourceArn"}),
        name_property="policyName",
    ),
)
