"""Policies of buckets, topics and queues: who may write, and that plain HTTP is refused."""

import json
from typing import Any

import pytest

from components.calc.arns import Location
from components.calc.iam.resource_policies import (
    alb_access_logs_bucket_policy,
    bucket_tls_policy,
    sns_topic_policy,
    sqs_dead_letter_policy,
)

TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:dev-alerts"
QUEUE = "arn:aws:sqs:ap-northeast-2:123456789012:dev-dead"


def only_tls(action: str, *resources: str) -> dict[str, Any]:
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def statements(document: str) -> list[dict[str, Any]]:
    parsed = json.loads(document)
    assert parsed["Version"] == "2012-10-17"
    return list(parsed["Statement"])


def test_a_bucket_over_tls_only(seoul: Location) -> None:
    assert statements(bucket_tls_policy(seoul, "dev-logs")) == [
        only_tls("s3:*", "arn:aws:s3:::dev-logs", "arn:aws:s3:::dev-logs/*")
    ]


@pytest.mark.parametrize(("prefix", "below"), [("dev", "dev/AWSLogs"), ("", "AWSLogs"), ("a/b", "a/b/AWSLogs")])
def test_load_balancers_write_below_this_account(seoul: Location, prefix: str, below: str) -> None:
    assert statements(alb_access_logs_bucket_policy(seoul, "dev-logs", prefix)) == [
        {
            "Sid": "WriteLoadBalancerLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [f"arn:aws:s3:::dev-logs/{below}/123456789012/*"],
        },
        only_tls("s3:*", "arn:aws:s3:::dev-logs", "arn:aws:s3:::dev-logs/*"),
    ]


@pytest.mark.parametrize("prefix", ["/dev", "dev/", "dev/AWSLogs", "/"])
def test_prefixes_elastic_load_balancing_refuses(seoul: Location, prefix: str) -> None:
    with pytest.raises(ValueError) as caught:
        alb_access_logs_bucket_policy(seoul, "dev-logs", prefix)
    assert str(caught.value) == (
        f"The prefix '{prefix}' is not one Elastic Load Balancing takes: it must not contain 'AWSLogs', which is added "
        "behind it, nor begin or end with '/'; write it like 'alb'."
    )


def test_publishers_of_a_topic(seoul: Location) -> None:
    policy = sns_topic_policy(seoul, "dev-alerts", ["events.amazonaws.com", "cloudwatch.amazonaws.com"])
    assert statements(policy) == [
        {
            "Sid": "PublishFromCloudwatch",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["sns:Publish"],
            "Resource": [TOPIC],
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        },
        # EventBridge sends no condition keys to a topic: with a condition its events would be dropped in silence.
        {
            "Sid": "PublishFromEvents",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": ["sns:Publish"],
            "Resource": [TOPIC],
        },
        only_tls("sns:Publish", TOPIC),
    ]


def test_order_and_repetition_of_publishers_do_not_show(seoul: Location) -> None:
    services = ["cloudwatch.amazonaws.com", "codestar-notifications.amazonaws.com"]
    policy = sns_topic_policy(seoul, "dev-alerts", services)
    assert sns_topic_policy(seoul, "dev-alerts", [*reversed(services), services[0]]) == policy
    assert [statement["Sid"] for statement in statements(policy)][1] == "PublishFromCodestarNotifications"


def test_a_dead_letter_queue_grants_nothing(seoul: Location) -> None:
    assert statements(sqs_dead_letter_policy(seoul, "dev-dead")) == [only_tls("sqs:*", QUEUE)]
