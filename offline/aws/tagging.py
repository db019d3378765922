"""Tags: their forms in AWS requests, and how each service changes them after creation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Recorded


def tag_list(tags: Mapping[str, str] | None, *, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """A `tags` property as AWS's list of pairs, in the order of the names."""
    return [{key: name, value: text} for name, text in sorted((tags or {}).items())]


def tag_changes(old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> tuple[dict[str, str], list[str]]:
    """Tags to set and names of tags to remove, to get from `old` to `new`."""
    before, after = old or {}, new or {}
    return {k: v for k, v in after.items() if before.get(k) != v}, sorted(set(before) - set(after))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging:
    """How one service changes tags after creation: its operations and the names of their parameters.

    `pair` are the member names of a tag, None where the service takes a map; `keys_as_tags`: where it takes the names
    of the tags to remove as tags without a value. `by` is what names the resource, "arn" or "id"; `many`: the service
    takes a list of them.
    """

    service: str
    tag: str = "tag_resource"
    untag: str = "untag_resource"
    resource: str = "ResourceArn"
    tags: str = "Tags"
    keys: str = "TagKeys"
    pair: tuple[str, str] | None = ("Key", "Value")
    keys_as_tags: bool = False
    by: str = "arn"
    many: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def change(self, aws: Aws, old: Recorded, inputs: Mapping[str, Any]) -> None:
        """Bring the tags of a resource from the recorded ones to those in `inputs`."""
        put, removed = tag_changes(old.inputs.get("tags"), inputs.get("tags"))
        resource = old.id if self.by == "id" else old.outputs["arn"]
        target = {self.resource: [resource] if self.many else resource, **self.fixed}
        if removed:
            keys = [{"Key": name} for name in removed] if self.keys_as_tags else removed
            aws.call(self.service, self.untag, **target, **{self.keys: keys})
        if put:
            tags = tag_list(put, key=self.pair[0], value=self.pair[1]) if self.pair else put
            aws.call(self.service, self.tag, **target, **{self.tags: tags})
