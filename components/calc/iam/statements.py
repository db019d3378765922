"""Statements of IAM documents, and the document around them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from ..canonical import canonical_json

MAX_ROLE_POLICY: Final = 10_240
"""Characters, white space not counted, of all inline policies of one role together (IAM User Guide, "IAM and AWS STS
quotas"); it cannot be raised."""

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


def check_role_policy(role: str, policy: str) -> str:
    """Return the document when IAM takes it as the one inline policy of a role; raise ValueError otherwise."""
    size = len("".join(policy.split()))
    if size > MAX_ROLE_POLICY:
        longest = max(json.loads(policy)["Statement"], key=lambda statement: len(json.dumps(statement)))
        raise ValueError(
            f"The policy of the IAM role '{role}' has {size} characters, and IAM takes at most {MAX_ROLE_POLICY}: its statement "
            f"{longest['Sid']} names {len(longest['Resource'])} resources; let it name fewer, for example by splitting the "
            "workload it is for."
        )
    return policy
