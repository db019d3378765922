"""SNS topics and subscriptions, SQS queues."""

from __future__ import annotations

import json
from typing import Any

import pytest

TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
TOPIC_ARN = "arn:aws:sns:ap-northeast-2:123456789012:dev-alerts"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish"}]}


def _topic(cloud: Any) -> dict[str, str]:
    return cloud.ask("sns", "get_topic_attributes", TopicArn=TOPIC_ARN)["Attributes"]


def _subscription(cloud: Any, arn: str) -> dict[str, str]:
    return cloud.ask("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]


def _queue(cloud: Any, url: str) -> dict[str, str]:
    return cloud.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_topic(cloud: Any) -> None:
    made = cloud.make(
        TOPIC,
        "alerts",
        name="dev-alerts",
        displayName="Alerts",
        kmsMasterKeyId="alias/sns",
        signatureVersion=2,
        sqsSuccessFeedbackSampleRate=5,
        tags={"Stage": "dev"},
    )
    assert (made.id, made.outputs["arn"], made.outputs["owner"]) == (TOPIC_ARN, TOPIC_ARN, "123456789012")
    attributes = _topic(cloud)
    assert (attributes["DisplayName"], attributes["KmsMasterKeyId"]) == ("Alerts", "alias/sns")
    assert (attributes["SignatureVersion"], attributes["SQSSuccessFeedbackSampleRate"]) == ("2", "5")
    cloud.change(TOPIC, "alerts", displayName="Alarms", kmsMasterKeyId=None, signatureVersion=None, tags={"Owner": "t"})
    attributes = _topic(cloud)
    assert attributes["DisplayName"] == "Alarms"
    assert attributes.keys().isdisjoint({"KmsMasterKeyId", "SignatureVersion"})
    assert cloud.ask("sns", "list_tags_for_resource", ResourceArn=TOPIC_ARN)["Tags"] == [{"Key": "Owner", "Value": "t"}]
    cloud.delete(TOPIC, "alerts")
    assert cloud.ask("sns", "list_topics")["Topics"] == []


def test_topic_policy(cloud: Any) -> None:
    default = json.loads(cloud.make(TOPIC, "alerts", name="dev-alerts").outputs["policy"])
    cloud.make(TOPIC_POLICY, "alerts", arn=TOPIC_ARN, policy=json.dumps(POLICY))
    assert json.loads(_topic(cloud)["Policy"]) == POLICY
    cloud.change(TOPIC_POLICY, "alerts", policy=json.dumps({**POLICY, "Id": "changed"}))
    assert json.loads(_topic(cloud)["Policy"])["Id"] == "changed"
    cloud.delete(TOPIC_POLICY, "alerts")
    assert json.loads(_topic(cloud)["Policy"]) == {**default, "Version": "2008-10-17"}


@pytest.mark.parametrize(
    ("protocol", "endpoint", "pending"),
    [("email", "team@example.com", True), ("sqs", "arn:aws:sqs:ap-northeast-2:123456789012:q", False)],
)
def test_subscription(cloud: Any, protocol: str, endpoint: str, pending: bool) -> None:
    cloud.make(TOPIC, "alerts", name="dev-alerts")
    made = cloud.make(
        SUBSCRIPTION, "team", topic=TOPIC_ARN, protocol=protocol, endpoint=endpoint, filterPolicy='{"level": ["high"]}'
    )
    assert made.outputs["arn"] == made.id
    assert made.outputs["pendingConfirmation"] is pending
    attributes = _subscription(cloud, made.id)
    assert (attributes["Protocol"], attributes["Endpoint"]) == (protocol, endpoint)
    assert attributes["PendingConfirmation"] == str(pending).lower()
    assert json.loads(attributes["FilterPolicy"]) == {"level": ["high"]}
    cloud.change(SUBSCRIPTION, "team", filterPolicy=None, rawMessageDelivery=True)
    attributes = _subscription(cloud, made.id)
    assert (attributes["FilterPolicy"], attributes["RawMessageDelivery"]) == ("{}", "true")
    assert cloud.provider.replace_keys(SUBSCRIPTION) == {"topic", "protocol", "endpoint"}
    cloud.delete(SUBSCRIPTION, "team")
    assert cloud.ask("sns", "list_subscriptions")["Subscriptions"] == []


def test_queue(cloud: Any) -> None:
    made = cloud.make(
        QUEUE,
        "dead-letters",
        name="dev-ranking-batch-dead-letters",
        messageRetentionSeconds=1_209_600,
        visibilityTimeoutSeconds=60,
        sqsManagedSseEnabled=True,
        redriveAllowPolicy='{"redrivePermission":"denyAll"}',
        tags={"Stage": "dev"},
    )
    url = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/dev-ranking-batch-dead-letters"
    assert (made.id, made.outputs["url"]) == (url, url)
    assert made.outputs["arn"] == "arn:aws:sqs:ap-northeast-2:123456789012:dev-ranking-batch-dead-letters"
    attributes = _queue(cloud, url)
    assert (attributes["MessageRetentionPeriod"], attributes["VisibilityTimeout"]) == ("1209600", "60")
    assert (attributes["SqsManagedSseEnabled"], attributes["QueueArn"]) == ("true", made.outputs["arn"])
    assert json.loads(attributes["RedriveAllowPolicy"]) == {"redrivePermission": "denyAll"}
    changed = cloud.change(QUEUE, "dead-letters", visibilityTimeoutSeconds=None, delaySeconds=5, tags={"Owner": "team"})
    assert (changed.outputs["visibilityTimeoutSeconds"], changed.outputs["delaySeconds"]) == (30, 5)
    assert _queue(cloud, url)["DelaySeconds"] == "5"
    assert cloud.ask("sqs", "list_queue_tags", QueueUrl=url)["Tags"] == {"Owner": "team"}
    cloud.delete(QUEUE, "dead-letters")
    assert cloud.ask("sqs", "list_queues").get("QueueUrls", []) == []


def test_a_fifo_queue_gets_its_suffix(cloud: Any) -> None:
    made = cloud.make(QUEUE, "orders", name="orders", fifoQueue=True, contentBasedDeduplication=True)
    assert (made.outputs["name"], made.id.rsplit("/", 1)[-1]) == ("orders.fifo", "orders.fifo")
    assert _queue(cloud, made.id)["ContentBasedDeduplication"] == "true"


def test_queue_policy(cloud: Any) -> None:
    queue = cloud.make(QUEUE, "dead-letters", name="dead-letters")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue.outputs["arn"],
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    cloud.make(QUEUE_POLICY, "dead-letters", queueUrl=queue.id, policy=json.dumps(policy))
    assert json.loads(_queue(cloud, queue.id)["Policy"]) == policy
    cloud.change(QUEUE_POLICY, "dead-letters", policy=json.dumps({**policy, "Id": "changed"}))
    assert json.loads(_queue(cloud, queue.id)["Policy"])["Id"] == "changed"
    cloud.delete(QUEUE_POLICY, "dead-letters")
    assert "Policy" not in _queue(cloud, queue.id)
