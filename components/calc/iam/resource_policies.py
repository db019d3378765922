"""Policies of buckets, topics and queues, as canonical JSON: who outside IAM may write, and only over TLS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..arns import Location
from .statements import allow, deny_insecure_transport, document

LOAD_BALANCER_LOG_DELIVERY: Final = "logdelivery.elasticloadbalancing.amazonaws.com"
EVENT_BRIDGE: Final = "events.amazonaws.com"


def bucket_tls_policy(location: Location, bucket: str) -> str:
    """A bucket policy that refuses every request without TLS."""
    return document(deny_insecure_transport("s3:*", _bucket_and_objects(location, bucket)))


def alb_access_logs_bucket_policy(location: Location, bucket: str, prefix: str) -> str:
    """Lets the account's load balancers write access logs to `bucket` under `prefix`, and refuses plain HTTP.

    An empty `prefix` is none. The service principal is what AWS asks for in every region today. The policy with an
    account of ELB's own (600734575887 in ap-northeast-2) is its legacy, kept working for buckets that have it.

    The resource names this account behind `AWSLogs/`, and a load balancer writes only below its own account: that keeps
    other accounts out. A condition on aws:SourceArn would not: AWS's example has none, and where the delivery does not
    send the key, the condition turns the grant off ("Access Denied for bucket").
    Source: User Guide for Application Load Balancers, "Enable access logs for your Application Load Balancer".

    Raises ValueError for a prefix that ELB refuses: one with `AWSLogs`, or with a slash at an end.
    """
    if "AWSLogs" in prefix or prefix != prefix.strip("/"):
        raise ValueError(
            f"The prefix '{prefix}' is not one Elastic Load Balancing takes: it must not contain 'AWSLogs', which is "
            "added behind it, nor begin or end with '/'; write it like 'alb'."
        )
    below = f"{prefix}/AWSLogs" if prefix else "AWSLogs"
    return document(
        allow(
            "WriteLoadBalancerLogs",
            ["s3:PutObject"],
            [f"{location.s3_bucket(bucket)}/{below}/{location.account_id}/*"],
            service=LOAD_BALANCER_LOG_DELIVERY,
        ),
        deny_insecure_transport("s3:*", _bucket_and_objects(location, bucket)),
    )


def sns_topic_policy(location: Location, topic: str, service_principals: Sequence[str]) -> str:
    """Lets AWS services of this account publish to `topic`, and refuses messages without TLS.

    Each service may act for this account only, except EventBridge: it sends no condition keys when it publishes to a
    topic, so a condition would silently drop every event.
    Source: Amazon EventBridge User Guide, "Troubleshooting Amazon EventBridge" (no Condition blocks in SNS topic
    policies); Amazon SNS Developer Guide, "Example cases for Amazon SNS access control".
    """
    arn = location.sns_topic(topic)
    own_account = {"StringEquals": {"aws:SourceAccount": location.account_id}}
    publishers = [
        allow(
            f"PublishFrom{_identifier(service)}",
            ["sns:Publish"],
            [arn],
            service=service,
            conditions=None if service == EVENT_BRIDGE else own_account,
        )
        for service in sorted(set(service_principals))
    ]
    return document(*publishers, deny_insecure_transport("sns:Publish", [arn]))


def sqs_dead_letter_policy(location: Location, queue: str) -> str:
    """Refuses messages without TLS; the queue of a schedule's dead letters grants nobody anything.

    EventBridge Scheduler writes there with the schedule's own role, which `scheduler_policy` allows.
    Source: EventBridge Scheduler User Guide, "Configuring a schedule's dead-letter queue in EventBridge Scheduler".
    """
    return document(deny_insecure_transport("sqs:*", [location.sqs_queue(queue)]))


def _bucket_and_objects(location: Location, bucket: str) -> list[str]:
    arn = location.s3_bucket(bucket)
    return [arn, f"{arn}/*"]


def _identifier(service: str) -> str:
    """`cloudwatch.amazonaws.com` as part of a statement id, which takes letters and digits only."""
    return "".join(part.capitalize() for part in service.removesuffix(".amazonaws.com").replace("-", ".").split("."))
