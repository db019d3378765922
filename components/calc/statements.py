"""Statements of IAM documents, and the document around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from .canonical import canonical_json

Conditions: TypeAlias = Mapping[str, Mapping[str, str]]
"""Operator to condition key to value, for example `{"StringEquals": {"aws:SourceAccount": "123456789012"}}`."""
Statement: TypeAlias = Mapping[str, object]


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str] = (),
    *,
    service: str | None = None,
    conditions: Conditions | None = None,
) -> Statement:
    """A statement that allows `actions`.

    `service` is the principal of a trust or resource policy; a trust policy has no `resources`.

    Raises ValueError for an action that is or ends in a wildcard: what it grants would grow whenever AWS adds an
    action.
    """
    for action in actions:
        if "*" in action:
            raise ValueError(
                f"The statement {sid} would allow '{action}': name the actions one by one, without wildcards."
            )
    statement: dict[str, object] = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions)}
    if resources:
        statement["Resource"] = sorted(resources)
    if service is not None:
        statement["Principal"] = {"Service": service}
    if conditions:
        statement["Condition"] = conditions
    return statement


def deny_insecure_transport(actions: str, resources: Sequence[str]) -> Statement:
    """A statement that refuses requests without TLS, whoever sends them; `actions` is one pattern, for example `s3:*`.

    Source: AWS Security Hub, control S3.5; Amazon SNS Developer Guide and Amazon SQS Developer Guide, "Enforce
    encryption of data in transit".
    """
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": sorted(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def document(*statements: Statement) -> str:
    """The canonical JSON of a policy document with these statements, in this order."""
    return canonical_json({"Version": "2012-10-17", "Statement": list(statements)})
