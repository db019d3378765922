"""SQS beside moto: an attribute it takes and does not show."""

from __future__ import annotations


def extend() -> None:
    """RedriveAllowPolicy, which moto takes and does not show."""
    from moto.sqs.models import Queue

    Queue.redrive_allow_policy = None  # type: ignore[attr-defined]
    Queue.BASE_ATTRIBUTES.append("RedriveAllowPolicy")
