"""S3 beside moto: its bucket policies are applied without their conditions, so one that asks for TLS refused everything."""

from __future__ import annotations

import json
from typing import Any

from offline.aws.moto.patching import add
from policies.resources.json_text import read_json

_WITHOUT_TLS = {"aws:SecureTransport": ("false", ["false"], False, [False])}


def extend() -> None:
    """Requests to the offline AWS count as made over TLS: what a policy denies to others does not concern them."""
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = read_json(self.policy)
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        policy["Statement"] = [statement for statement in statements if not _only_without_tls(statement)]
        return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)

    add(FakeBucket, get_permission)


def _only_without_tls(statement: dict[str, Any]) -> bool:
    """Whether a statement is about requests without TLS alone."""
    asked = statement.get("Condition", {}).get("Bool", {})
    return any(asked.get(key) in values for key, values in _WITHOUT_TLS.items())
