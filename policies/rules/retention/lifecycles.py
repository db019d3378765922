"""The rules of a bucket's lifecycle: of the resource of its own, or as the bucket's property, in both of the provider's forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Step
from policies.resources.reading import optional, read, read_flag, read_list, read_text, required
from policies.resources.requested import asked_list
from policies.resources.tokens import BUCKET


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRule:
    """at, expiration, noncurrent: paths of the rule, its days, and those of earlier versions. prefix: empty for every key."""

    at: tuple[Step, ...]
    enabled: bool
    prefix: str
    expiration: tuple[Step, ...]
    noncurrent: tuple[Step, ...]


def lifecycle_rules(resource: Resource) -> Iterator[LifecycleRule]:
    """The rules of a lifecycle configuration or a bucket. Raises NotDecidedError."""
    own = resource.type == BUCKET
    prop = "lifecycleRules" if own else "rules"
    listed = optional(asked_list(resource, prop), []) if own else required(read_list(resource, prop))
    for position in range(len(listed)):
        at: tuple[Step, ...] = (prop, position)
        enabled = (
            required(read_flag(resource, *at, "enabled"))
            if own
            else required(read_text(resource, *at, "status")) == "Enabled"
        )
        prefix = optional(read_text(resource, *at, "filter", "prefix"), "") if not own else ""
        yield LifecycleRule(
            at=at,
            enabled=enabled,
            prefix=prefix or optional(read_text(resource, *at, "prefix"), ""),
            expiration=(*_single(resource, at, "expiration"), "days"),
            noncurrent=(*_single(resource, at, "noncurrentVersionExpiration"), "days" if own else "noncurrentDays"),
        )


def _single(resource: Resource, at: tuple[Step, ...], name: str) -> tuple[Step, ...]:
    """A block that the provider has as an object, or as a list of one."""
    listed = read(resource, *at, f"{name}s")
    return (*at, name) if isinstance(listed, Absent) else (*at, f"{name}s", 0)
