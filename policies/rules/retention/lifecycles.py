"""The rules of a bucket's lifecycle, in all of the provider's forms, and the policy `lifecycle-valid`: they are such as S3 takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Step
from policies.resources.reading import (
    optional,
    read,
    read_flag,
    read_integer,
    read_list,
    read_text,
    required,
    shown_path,
)
from policies.resources.requested import asked_list
from policies.resources.tokens import BUCKET, BUCKET_LIFECYCLE
from policies.rules.rule import Problem, Stack, policy


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


_RARELY = frozenset({"STANDARD_IA", "ONEZONE_IA"})
_LEAST_RARELY = 30
"""Days that an object has to be old before it moves to a class for rare access (S3 User Guide, Transitioning objects)."""


@policy(
    what="A bucket's lifecycle moves objects before it removes them, by rules that S3 takes.",
    why="S3 refuses the whole configuration: nothing of it holds, and the deployment stops there.",
    severity="medium",
    how_to_fix="Set transitions to fewer days than the expiration, in their order, and give every rule an id of its own.",
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html",
    types=(BUCKET_LIFECYCLE, BUCKET),
)
def lifecycle_valid(_: Stack, lifecycle: Resource) -> Iterator[Problem]:
    ids: set[str] = set()
    for rule in lifecycle_rules(lifecycle):
        for kind, end in (("transitions", rule.expiration), ("noncurrentVersionTransitions", rule.noncurrent)):
            yield from _moved(lifecycle, rule, kind, end)
        name = read_text(lifecycle, *rule.at, "id")
        if isinstance(name, Present):
            if name.value in ids:
                yield Problem(f'two rules have the id "{name.value[:60]}"', "an id for each")
            ids.add(name.value)


def _moved(lifecycle: Resource, rule: LifecycleRule, kind: str, end: tuple[Step, ...]) -> Iterator[Problem]:
    removed = read_integer(lifecycle, *end)
    listed = read_list(lifecycle, *rule.at, kind)
    for position in range(len(optional(listed, []))):
        at = (*rule.at, kind, position)
        key = end[-1] if not isinstance(read(lifecycle, *at, str(end[-1])), Absent) else "days"
        days = read_integer(lifecycle, *at, key)
        if not isinstance(days, Present):
            continue
        if isinstance(removed, Present) and days.value >= removed.value:
            yield Problem(
                f"{shown_path((*at, key))} is {days.value}, and {shown_path(end)} {removed.value}",
                f"fewer than {removed.value} days",
            )
        to = optional(read_text(lifecycle, *at, "storageClass"), "")
        if to in _RARELY and days.value < _LEAST_RARELY:
            yield Problem(f"{shown_path((*at, key))} is {days.value}, to {to}", f"at least {_LEAST_RARELY}")
