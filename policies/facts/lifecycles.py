"""The rules of a bucket's lifecycle, in all of the provider's forms. The one reader of them.

Source: Amazon S3 API Reference, LifecycleRule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Reading, Step
from policies.resources.reading import (
    optional,
    read,
    read_flag,
    read_integer,
    read_list,
    read_text,
    required,
    shown_path,
    word_of,
)
from policies.resources.requested import asked_list
from policies.resources.tokens import BUCKET

_STATUSES = ("Disabled", "Enabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Objects that move to another class. where: the path of the days."""

    where: str
    days: Reading[int]
    to: Reading[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """When objects are removed. where: the path of the days. moves: where they go before."""

    where: str
    days: Reading[int]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRule:
    """One rule of a bucket. where: its path. prefix: empty for every key. current, earlier: of objects, and of their earlier versions.

    expires: whether it has an expiration. dated: the path of a date of it, empty where it has none.
    """

    where: str
    id: Reading[str]
    enabled: bool
    prefix: str
    current: Ending
    earlier: Ending
    expires: bool
    dated: str


def bucket_rules(resource: Resource) -> tuple[BucketRule, ...]:
    """The rules of a lifecycle configuration or a bucket. Raises NotDecidedError."""
    own = resource.type == BUCKET
    prop = "lifecycleRules" if own else "rules"
    listed = optional(asked_list(resource, prop), []) if own else required(read_list(resource, prop))
    return tuple(_bucket_rule(resource, prop, position) for position in range(len(listed)))


def _bucket_rule(resource: Resource, *at: Step) -> BucketRule:
    own = resource.type == BUCKET
    of_filter = () if own else (("filter", "prefix"), ("filter", "and", "prefix"))
    prefixes = (optional(read_text(resource, *at, *path), "") for path in (*of_filter, ("prefix",)))
    expiration = _single(resource, at, "expiration")
    earlier = _single(resource, at, "noncurrentVersionExpiration")
    dated = (*expiration, "date")
    on_a_day = not isinstance(read(resource, *dated), Absent)
    current = _ending(resource, at, "transitions", (*expiration, "days"))
    if on_a_day and current.days == Present(0):
        current = replace(current, days=Absent(current.where))  # what the provider answers beside a date
    return BucketRule(
        where=shown_path(at),
        id=read_text(resource, *at, "id"),
        enabled=required(read_flag(resource, *at, "enabled"))
        if own
        else word_of(_STATUSES, required(read_text(resource, *at, "status")), shown_path((*at, "status"))) == "Enabled",
        prefix=next(filter(None, prefixes), ""),
        current=current,
        earlier=_ending(resource, at, "noncurrentVersionTransitions", (*earlier, "days" if own else "noncurrentDays")),
        expires=not isinstance(read(resource, *expiration), Absent),
        dated=shown_path(dated) if on_a_day else "",
    )


def _single(resource: Resource, at: tuple[Step, ...], name: str) -> tuple[Step, ...]:
    """A block that the provider has as an object, or as a list of one."""
    listed = read(resource, *at, f"{name}s")
    return (*at, name) if isinstance(listed, Absent) else (*at, f"{name}s", 0)


def _ending(resource: Resource, at: tuple[Step, ...], moves: str, end: tuple[Step, ...]) -> Ending:
    listed = optional(read_list(resource, *at, moves), [])
    return Ending(
        where=shown_path(end),
        days=read_integer(resource, *end),
        moves=tuple(_move(resource, (*at, moves, position), str(end[-1])) for position in range(len(listed))),
    )


def _move(resource: Resource, at: tuple[Step, ...], key: str) -> Move:
    named = (*at, "days" if isinstance(read(resource, *at, key), Absent) else key)
    return Move(
        where=shown_path(named), days=read_integer(resource, *named), to=read_text(resource, *at, "storageClass")
    )
