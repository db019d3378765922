"""SQS queue and its policy."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import arn, attribute, delete_by, joined, member_changes, put_again
from offline.aws.shapes import document
from offline.aws.tagging import Tagging

_QUEUE = "aws:sqs/queue:Queue"
_TAGGING = Tagging(service="sqs", tag="tag_queue", untag="untag_queue", resource="QueueUrl", pair=None, by="id")
_FIFO = attribute("fifoQueue")
_ATTRIBUTES = attribute(
    "contentBasedDeduplication deduplicationScope delaySeconds fifoThroughputLimit kmsDataKeyReusePeriodSeconds "
    "kmsMasterKeyId policy redriveAllowPolicy redrivePolicy sqsManagedSseEnabled",
    maxMessageSize="MaximumMessageSize",
    messageRetentionSeconds="MessageRetentionPeriod",
    receiveWaitTimeSeconds="ReceiveMessageWaitTimeSeconds",
    visibilityTimeoutSeconds="VisibilityTimeout",
)
# SetQueueAttributes keeps what a request leaves out: a property that a program takes away is set to AWS's default.
_RESET = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}
_READ = {
    "delaySeconds": "DelaySeconds",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    name = inputs["name"]
    if inputs.get("fifoQueue") and not name.endswith(".fifo"):
        inputs = {**inputs, "name": f"{name}.fifo"}
    attributes = joined(_ATTRIBUTES, _FIFO).of(_QUEUE, inputs)
    tags = {"tags": inputs["tags"]} if inputs.get("tags") else {}
    url = aws.call("sqs", "create_queue", QueueName=inputs["name"], Attributes=attributes, **tags)["QueueUrl"]
    return _applied(aws, url, inputs)


def _applied(aws: Aws, url: str, inputs: dict[str, Any]) -> Applied:
    seen = aws.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    outputs: dict[str, Any] = {name: int(seen[attribute]) for name, attribute in _READ.items()}
    outputs["sqsManagedSseEnabled"] = seen.get("SqsManagedSseEnabled") == "true"
    outputs["arn"] = arn(aws, "sqs", inputs["name"])
    return Applied(id=url, outputs={**outputs, **inputs, "url": url})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    before, after = _ATTRIBUTES.of(_QUEUE, old.inputs), _ATTRIBUTES.of(_QUEUE, inputs)
    if changes := member_changes(before, after, {**dict.fromkeys(before, ""), **_RESET}):
        aws.call("sqs", "set_queue_attributes", QueueUrl=old.id, Attributes=changes)
    return _applied(aws, old.id, {**inputs, "name": old.outputs["name"]})


def _put_policy(aws: Aws, inputs: dict[str, Any]) -> Applied:
    policy = {"Policy": document(inputs["policy"])}
    aws.call("sqs", "set_queue_attributes", QueueUrl=inputs["queueUrl"], Attributes=policy)
    return Applied(id=inputs["queueUrl"], outputs={})


def _delete_policy(aws: Aws, old: Recorded) -> None:
    aws.call("sqs", "set_queue_attributes", QueueUrl=old.id, Attributes={"Policy": ""})


HANDLERS = (
    Handler(
        type_token=_QUEUE,
        inputs=joined(_ATTRIBUTES, _FIFO).names | {"name", "tags"},
        create=_create,
        update=_update,
        delete=delete_by("sqs", "delete_queue", "QueueUrl"),
        replace_on=frozenset({"name", "fifoQueue"}),
        name_property="name",
        delete_before_replace=True,
        defaults={"fifoQueue": False},
        retag=_TAGGING.change,
    ),
    Handler(
        type_token="aws:sqs/queuePolicy:QueuePolicy",
        inputs=frozenset({"queueUrl", "policy"}),
        required=frozenset({"queueUrl", "policy"}),
        create=_put_policy,
        update=put_again(_put_policy),
        delete=_delete_policy,
        replace_on=frozenset({"queueUrl"}),
    ),
)
