"""SQS queues and their policies."""

import json
from typing import Any

QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"


def _queue(cloud: Any, url: str) -> dict[str, str]:
    return cloud.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]


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
