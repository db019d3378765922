"""How EC2 tags what a request creates, and changes the tags later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Recorded
from offline.aws.tagging import Tagging, tag_list

_TAGGING = Tagging(
    service="ec2", tag="create_tags", untag="delete_tags", resource="Resources", keys="Tags", keys_as_tags=True
)


def tag_specifications(resource_type: str, inputs: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """EC2's way to tag what a request creates; None without tags."""
    tags = tag_list(inputs.get("tags"))
    return [{"ResourceType": resource_type, "Tags": tags}] if tags else None


def retag(aws: Aws, old: Recorded, inputs: Mapping[str, Any]) -> None:
    """Bring the tags of a resource from the recorded ones to those in `inputs`."""
    _TAGGING.change(aws, [old.id], old, inputs)
