"""How EC2 tags what a request creates, and changes the tags later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from offline.aws.mapping import Convert
from offline.aws.tagging import Tagging, tag_list

_TAGGING = Tagging(
    service="ec2",
    tag="create_tags",
    untag="delete_tags",
    resource="Resources",
    keys="Tags",
    keys_as_tags=True,
    by="id",
    many=True,
)


def tagged(resource_type: str) -> tuple[str, Convert]:
    """`tags` in a request that creates a resource of this type; without tags it is left out."""

    def specifications(where: str, tags: Mapping[str, str]) -> list[dict[str, Any]] | None:
        return [{"ResourceType": resource_type, "Tags": tag_list(tags)}] if tags else None

    return "TagSpecifications", specifications


retag = _TAGGING.change
"""Bring the tags of a resource from the recorded ones to those in the new inputs."""
