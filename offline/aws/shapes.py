"""Translations between Pulumi's property shapes and those of AWS requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from offline.aws.handler import AwsError


def present(**params: Any) -> dict[str, Any]:
    """Only the parameters that have a value: boto3 refuses None, and absent means "AWS's default"."""
    return {name: value for name, value in params.items() if value is not None}


def pascal_keys(value: Any) -> Any:
    """camelCase keys, at any depth, as the PascalCase that most AWS request members have; None members are left out."""
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: pascal_keys(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [pascal_keys(item) for item in value]
    return value


def document(value: Any) -> str:
    """A policy or other JSON document: programs may give the text or the value."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), sort_keys=True)


def changed(old: Mapping[str, Any], new: Mapping[str, Any], *names: str) -> bool:
    """Whether any of the properties differs."""
    return any(old.get(name) != new.get(name) for name in names)


def only(items: list[dict[str, Any]]) -> dict[str, Any]:
    """The one item of an answer that asked for one id."""
    (item,) = items
    return item


def single(token: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    """The one thing that a data source found. Raises AwsError for none and for several."""
    if len(found) != 1:
        raise AwsError(f"{token} must find exactly one and found {len(found)}: narrow or widen its arguments.")
    return found[0]
