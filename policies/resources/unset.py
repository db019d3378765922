"""What a provider answers for what is not set: empty texts, and within blocks empty lists, too.

The AWS provider is for the most part Terraform's SDKv2, which has no other value for them ("Differences between SDKv2 and Framework,
null values", developer.hashicorp.com/terraform/plugin/framework/migrating). In a state they stand beside what is set, such as
{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "ipv6CidrBlock": "", "natGatewayId": ""} in a route table. What a program writes
as an empty text the provider does not set either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

_TAGS = frozenset({"tags", "tagsAll"})
"""A tag may well be empty."""


def only_set(props: Mapping[str, object]) -> Mapping[str, object]:
    """A resource's properties without those, at any depth, that are not set. Of tags all are kept; documents are texts, and stay."""
    return {key: value if key in _TAGS else _only_set(value) for key, value in props.items() if value != ""}


def _only_set(value: object) -> object:
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value).items()
        return {key: _only_set(item) for key, item in fields if item not in ("", [])}
    return [_only_set(item) for item in cast("list[object]", value)] if isinstance(value, list) else value
