"""Translations between Pulumi's property shapes and those of AWS requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from offline.aws.handler import AwsInputError, Recorded

if TYPE_CHECKING:
    from offline.aws.account import Aws


def present(**params: Any) -> dict[str, Any]:
    """Only the parameters that have a value: boto3 refuses None, and absent means "AWS's default"."""
    return {name: value for name, value in params.items() if value is not None}


def pascal(value: Any) -> Any:
    """camelCase keys, at any depth, as the PascalCase that most AWS request members have; None members are left out."""
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: pascal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [pascal(item) for item in value]
    return value


def tag_list(tags: Mapping[str, str] | None, *, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """A `tags` property as AWS's list of pairs, in the order of the names."""
    return [{key: name, value: text} for name, text in sorted((tags or {}).items())]


def tag_changes(old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> tuple[dict[str, str], list[str]]:
    """Tags to set and names of tags to remove, to get from `old` to `new`."""
    before, after = old or {}, new or {}
    return {k: v for k, v in after.items() if before.get(k) != v}, sorted(set(before) - set(after))


def document(value: Any) -> str:
    """A policy or other JSON document: programs may give the text or the value."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), sort_keys=True)


def changed(old: Mapping[str, Any], new: Mapping[str, Any], *names: str) -> bool:
    """Whether any of the properties differs."""
    return any(old.get(name) != new.get(name) for name in names)


def tag_specifications(resource_type: str, inputs: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """EC2's way to tag what a request creates; None without tags."""
    tags = tag_list(inputs.get("tags"))
    return [{"ResourceType": resource_type, "Tags": tags}] if tags else None


def retag_ec2(aws: Aws, old: Recorded, inputs: Mapping[str, Any]) -> None:
    """Bring the tags of an EC2 resource from the recorded ones to those in `inputs`."""
    put, removed = tag_changes(old.inputs.get("tags"), inputs.get("tags"))
    if removed:
        aws.call("ec2", "delete_tags", Resources=[old.id], Tags=[{"Key": name} for name in removed])
    if put:
        aws.call("ec2", "create_tags", Resources=[old.id], Tags=tag_list(put))


def members(where: str, value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A nested property as a request member, renamed by `names`; a key that is not in `names` is refused."""
    strange = sorted(set(value) - set(names))
    if strange:
        raise AwsInputError([f"{where}: the offline AWS does not know {', '.join(strange)}; known: {sorted(names)}."])
    return {names[key]: item for key, item in value.items() if item is not None}
