"""SNS topics, their policies and subscriptions."""

import json
from typing import Any

import pytest

TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
TOPIC_ARN = "arn:aws:sns:ap-northeast-2:123456789012:dev-alerts"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish"}]}


def _topic(cloud: Any) -> dict[str, str]:
    return cloud.ask("sns", "get_topic_attributes", TopicArn=TOPIC_ARN)["Attributes"]


def _subscription(cloud: Any, arn: str) -> dict[str, str]:
    return cloud.ask("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]


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
