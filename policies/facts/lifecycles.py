"""What removes objects and images by itself: rules of a bucket's lifecycle, in all of the provider's forms, and of a repository's.

The one reader of them. Sources: Amazon S3 API Reference, LifecycleRule; Amazon ECR User Guide, "Lifecycle policy properties".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Reading, Step
from policies.resources.reading import (
    optional,
    read,
    read_flag,
    read_integer,
    read_json,
    read_list,
    read_text,
    read_texts,
    refuse,
    required,
    shown_path,
)
from policies.resources.requested import asked_list
from policies.resources.tokens import BUCKET

_STATUSES, _TAGS = ("Disabled", "Enabled"), ("any", "tagged", "untagged")
_ACTIONS = ("expire", "transition")
_COUNTS = ("imageCountMoreThan", "sinceImagePulled", "sinceImagePushed", "sinceImageTransitioned")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRule:
    """One rule of a repository. where: its path. expires: it removes images. status: of their tags. kind: what number counts.

    tags: beginnings and patterns of the tags it is for.
    """

    where: str
    expires: bool
    status: str
    kind: str
    number: int
    tags: tuple[str, ...]


def bucket_rules(resource: Resource) -> tuple[BucketRule, ...]:
    """The rules of a lifecycle configuration or a bucket. Raises NotDecidedError."""
    own = resource.type == BUCKET
    prop = "lifecycleRules" if own else "rules"
    listed = optional(asked_list(resource, prop), []) if own else required(read_list(resource, prop))
    return tuple(_bucket_rule(resource, prop, position) for position in range(len(listed)))


def image_rules(policy: Resource) -> tuple[ImageRule, ...]:
    """The rules of a repository's lifecycle policy. Raises NotDecidedError."""
    document = required(read_json(policy, "policy"))
    rules = cast("dict[str, object]", document).get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, list) or not rules:
        refuse("policy", "is not a document with rules")
    given = {"policy": document}
    return tuple(_image_rule(given, position) for position in range(len(cast("list[object]", rules))))


def _bucket_rule(resource: Resource, *at: Step) -> BucketRule:
    own = resource.type == BUCKET
    of_filter = () if own else (("filter", "prefix"), ("filter", "and", "prefix"))
    prefixes = (optional(read_text(resource, *at, *path), "") for path in (*of_filter, ("prefix",)))
    expiration = _single(resource, at, "expiration")
    earlier = _single(resource, at, "noncurrentVersionExpiration")
    dated = (*expiration, "date")
    return BucketRule(
        where=shown_path(at),
        id=read_text(resource, *at, "id"),
        enabled=required(read_flag(resource, *at, "enabled"))
        if own
        else _word(resource, _STATUSES, *at, "status") == "Enabled",
        prefix=next(filter(None, prefixes), ""),
        current=_ending(resource, at, "transitions", (*expiration, "days")),
        earlier=_ending(resource, at, "noncurrentVersionTransitions", (*earlier, "days" if own else "noncurrentDays")),
        expires=not isinstance(read(resource, *expiration), Absent),
        dated="" if isinstance(read(resource, *dated), Absent) else shown_path(dated),
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


def _image_rule(given: dict[str, object], position: int) -> ImageRule:
    at: tuple[Step, ...] = ("policy", "rules", position)
    chosen = (*at, "selection")
    return ImageRule(
        where=shown_path(at),
        expires=_word(given, _ACTIONS, *at, "action", "type") == "expire",
        status=_word(given, _TAGS, *chosen, "tagStatus"),
        kind=_word(given, _COUNTS, *chosen, "countType"),
        number=required(read_integer(given, *chosen, "countNumber")),
        tags=tuple(tag for key in ("tagPrefixList", "tagPatternList") for tag in read_texts(given, *chosen, key)),
    )


def _word(source: Resource | dict[str, object], words: tuple[str, ...], *path: Step) -> str:
    word = required(read_text(source, *path))
    if word not in words:
        refuse(shown_path(path), f'is "{word[:40]}", none of {", ".join(words)}')
    return word
