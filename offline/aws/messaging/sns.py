"""SNS topic, its policy, and subscriptions."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, Handler, Recorded
from offline.aws.mapping import attribute, delete_by, joined, member_changes, pascal, put_again, tags_upper, text
from offline.aws.shapes import document
from offline.aws.tagging import Tagging

_TOPIC = "aws:sns/topic:Topic"
_SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
_TAGGING = Tagging(service="sns")

_FEEDBACK = ("successFeedbackRoleArn", "successFeedbackSampleRate", "failureFeedbackRoleArn")
_SENDERS = {"application": "Application", "firehose": "Firehose", "http": "HTTP", "lambda": "Lambda", "sqs": "SQS"}
_ATTRIBUTES = joined(
    attribute(
        "displayName policy deliveryPolicy kmsMasterKeyId contentBasedDeduplication signatureVersion tracingConfig "
        "archivePolicy fifoThroughputScope"
    ),
    pascal(
        **{
            f"{sender}{name[:1].upper()}{name[1:]}": (f"{member}{name[:1].upper()}{name[1:]}", text)
            for sender, member in _SENDERS.items()
            for name in _FEEDBACK
        }
    ),
)
_FIFO = attribute("fifoTopic")
_CREATED = pascal("name", tags=tags_upper)

_SUBSCRIPTION_ATTRIBUTES = attribute(
    "deliveryPolicy filterPolicy filterPolicyScope rawMessageDelivery redrivePolicy replayPolicy subscriptionRoleArn"
)
_SUBSCRIBED = pascal("protocol endpoint", topic="TopicArn")
_BEHAVIOUR = pascal("confirmationTimeoutInMinutes endpointAutoConfirms")
# AWS subscribes these at once; the owner of any other endpoint must confirm.
_CONFIRMED = ("sqs", "lambda", "firehose", "sms", "application")


def _create_topic(aws: Aws, inputs: dict[str, Any]) -> Applied:
    name = inputs["name"]
    if inputs.get("fifoTopic") and not name.endswith(".fifo"):
        inputs = {**inputs, "name": f"{name}.fifo"}
    attributes = joined(_ATTRIBUTES, _FIFO).of(_TOPIC, inputs)
    request = _CREATED.of(_TOPIC, inputs)
    topic_arn = aws.call("sns", "create_topic", **request, Attributes=attributes)["TopicArn"]
    return _topic(aws, topic_arn, inputs)


def _topic(aws: Aws, topic_arn: str, inputs: dict[str, Any]) -> Applied:
    seen = aws.call("sns", "get_topic_attributes", TopicArn=topic_arn)["Attributes"]
    return Applied(id=topic_arn, outputs={"policy": seen["Policy"], **inputs})


def _update_topic(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    before, after = _ATTRIBUTES.of(_TOPIC, old.inputs), _ATTRIBUTES.of(_TOPIC, inputs)
    for name, value in member_changes(before, after, dict.fromkeys(before, "")).items():
        aws.call("sns", "set_topic_attributes", TopicArn=old.id, AttributeName=name, AttributeValue=value)
    return _topic(aws, old.id, {**inputs, "name": old.outputs["name"]})


def _put_policy(aws: Aws, inputs: dict[str, Any]) -> Applied:
    policy = document(inputs["policy"])
    aws.call("sns", "set_topic_attributes", TopicArn=inputs["arn"], AttributeName="Policy", AttributeValue=policy)
    return Applied(id=inputs["arn"], outputs={})


def _delete_policy(aws: Aws, old: Recorded) -> None:
    """A topic always has a policy; without one of its own it is AWS's default, which lets the account use it."""
    owner = {"StringEquals": {"AWS:SourceOwner": aws.account_id}}
    actions = ("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic")
    actions += ("Subscribe", "ListSubscriptionsByTopic", "Publish")
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in actions],
        "Resource": old.id,
        "Condition": owner,
    }
    default = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    _put_policy(aws, {"arn": old.id, "policy": default})


def _subscribe(aws: Aws, inputs: dict[str, Any]) -> Applied:
    attributes = _SUBSCRIPTION_ATTRIBUTES.of(_SUBSCRIPTION, inputs)
    request = _SUBSCRIBED.of(_SUBSCRIPTION, inputs)
    answer = aws.call("sns", "subscribe", **request, Attributes=attributes, ReturnSubscriptionArn=True)
    confirmed = inputs["protocol"] in _CONFIRMED
    computed = {"pendingConfirmation": not confirmed, "confirmationWasAuthenticated": confirmed}
    return Applied(id=answer["SubscriptionArn"], outputs=computed)


def _update_subscription(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> None:
    before = _SUBSCRIPTION_ATTRIBUTES.of(_SUBSCRIPTION, old.inputs)
    after = _SUBSCRIPTION_ATTRIBUTES.of(_SUBSCRIPTION, inputs)
    unset = {**dict.fromkeys(before, "{}"), "RawMessageDelivery": "false"}
    for name, value in member_changes(before, after, unset).items():
        change = {"SubscriptionArn": old.id, "AttributeName": name, "AttributeValue": value}
        aws.call("sns", "set_subscription_attributes", **change)


HANDLERS = (
    Handler(
        type_token=_TOPIC,
        inputs=joined(_CREATED, _ATTRIBUTES, _FIFO).names,
        create=_create_topic,
        update=_update_topic,
        delete=delete_by("sns", "delete_topic", "TopicArn"),
        replace_on=frozenset({"name", "fifoTopic"}),
        name_property="name",
        defaults={"displayName": "", "signatureVersion": 1, "beginningArchiveTime": ""},
        arn="{id}",
        account="owner",
        retag=_TAGGING.change,
        # CreateTopic answers with the topic of that name if there is one.
        delete_before_replace=True,
    ),
    Handler(
        type_token="aws:sns/topicPolicy:TopicPolicy",
        inputs=frozenset({"arn", "policy"}),
        required=frozenset({"arn", "policy"}),
        create=_put_policy,
        update=put_again(_put_policy),
        delete=_delete_policy,
        replace_on=frozenset({"arn"}),
        account="owner",
    ),
    Handler(
        type_token=_SUBSCRIPTION,
        inputs=joined(_SUBSCRIBED, _SUBSCRIPTION_ATTRIBUTES, _BEHAVIOUR).names,
        required=frozenset({"topic", "protocol", "endpoint"}),
        create=_subscribe,
        update=_update_subscription,
        delete=delete_by("sns", "unsubscribe", "SubscriptionArn"),
        replace_on=_SUBSCRIBED.names,
        defaults={"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False, "rawMessageDelivery": False},
        arn="{id}",
        account="ownerId",
    ),
)
