"""What a provider answers of a resource beside what a program asks for: what is not set, and what other resources set.

The AWS provider is for the most part Terraform's SDKv2, which has no other value of a text that is not set than an empty one
("Differences between SDKv2 and Framework, null values", developer.hashicorp.com/terraform/plugin/framework/migrating). In a state
such stand beside what is set, as in {"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "ipv6CidrBlock": "", "natGatewayId": ""} of a
route table. What a program writes as an empty text the provider does not set either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from policies.resources import tokens

_TAGS = frozenset({"tags", "tagsAll"})
"""A tag may well be empty."""
_RULES = {"ingress": tokens.INGRESS_RULE, "egress": tokens.EGRESS_RULE}
_ROUTES = {"routes": tokens.ROUTE}
SET_APART: Mapping[str, Mapping[str, str]] = {
    tokens.BUCKET: {
        "acl": tokens.BUCKET_ACL,
        "grants": tokens.BUCKET_ACL,
        "lifecycleRules": tokens.BUCKET_LIFECYCLE,
        "versioning": tokens.BUCKET_VERSIONING,
        "versionings": tokens.BUCKET_VERSIONING,
        "serverSideEncryptionConfiguration": tokens.BUCKET_ENCRYPTION,
        "serverSideEncryptionConfigurations": tokens.BUCKET_ENCRYPTION,
        "policy": tokens.BUCKET_POLICY,
        "logging": "aws:s3/bucketLogging:BucketLogging",
        "loggings": "aws:s3/bucketLogging:BucketLogging",
        "corsRules": "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
        "website": "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
        "websites": "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
        "replicationConfiguration": "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "replicationConfigurations": "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "objectLockConfiguration": "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    },
    tokens.DEFAULT_ROUTE_TABLE: _ROUTES,
    tokens.DEFAULT_SECURITY_GROUP: _RULES,
    tokens.KEY: {"policy": tokens.KEY_POLICY},
    tokens.QUEUE: {
        "policy": tokens.QUEUE_POLICY,
        "redrivePolicy": "aws:sqs/redrivePolicy:RedrivePolicy",
        "redriveAllowPolicy": "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    },
    tokens.ROLE: {"inlinePolicies": tokens.ROLE_POLICY, "managedPolicyArns": tokens.ROLE_ATTACHMENT},
    tokens.ROUTE_TABLE: _ROUTES,
    tokens.SECRET: {"policy": tokens.SECRET_POLICY},
    tokens.SECURITY_GROUP: _RULES,
    tokens.TOPIC: {"policy": tokens.TOPIC_POLICY},
}
"""By type: a property that a resource of its own may set instead. The provider answers there whatever was set when it last looked."""


def judged(kind: str, props: Mapping[str, object], asks: frozenset[str] | None) -> Mapping[str, object]:
    """The properties of a resource that policies judge. asks: those that its program sets, None where that is not known.

    Without what another resource has set of it: that one is judged by itself, and is gone as soon as the program removes it.
    """
    apart = SET_APART.get(kind, {}) if asks is not None else {}
    return only_set({key: value for key, value in props.items() if key not in apart or key in (asks or ())})


def only_set(props: Mapping[str, object]) -> Mapping[str, object]:
    """A resource's properties without those, at any depth, that are not set. Of tags all are kept; documents are texts, and stay."""
    return {key: value if key in _TAGS else _only_set(value) for key, value in props.items() if value != ""}


def _only_set(value: object) -> object:
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value).items()
        return {key: _only_set(item) for key, item in fields if item not in ("", [])}
    return [_only_set(item) for item in cast("list[object]", value)] if isinstance(value, list) else value
