"""The rules of a repository's lifecycle policy, as ECR takes them: which images are removed, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Step, is_unknown
from policies.resources.reading import (
    optional,
    read,
    read_json,
    read_list,
    read_number,
    read_text,
    refuse,
    required,
    shown_path,
    word_of,
)

_KEY = "policy"
_STATUSES = ("tagged", "untagged", "any")
_KINDS = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
_ACTIONS = ("expire", "transition")
_TAGS = ("tagPrefixList", "tagPatternList")
"""Amazon ECR User Guide, Lifecycle policy properties."""

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRule:
    """where: its path. expires: whether it removes, or moves to the archive. number: of images or days, by `kind`. tags: known ones."""

    where: str
    expires: bool
    status: str
    kind: str
    number: int
    tags: tuple[str, ...]

    @property
    def by_count(self) -> bool:
        """Whether `number` counts images; otherwise it counts days."""
        return self.kind == _KINDS[0]


def image_rules(lifecycle: Resource) -> tuple[ImageRule, ...]:
    """All rules of a lifecycle policy. Raises NotDecidedError where ECR would refuse the policy, or a rule is not known."""
    document: Document = {_KEY: required(read_json(lifecycle, _KEY))}
    rules = required(read_list(document, _KEY, "rules"))
    if not rules:
        refuse(f"{_KEY}.rules", "is empty")
    found: dict[int, ImageRule] = {}
    for position in range(len(rules)):
        at = (_KEY, "rules", position)
        priority = required(read_number(document, *at, "rulePriority"))
        if priority < 1 or priority in found:
            refuse(shown_path((*at, "rulePriority")), f"is {priority}, a number of its own from 1 is required")
        found[priority] = _rule(document, at)
    for priority, rule in found.items():
        if rule.status == "any" and priority < max(found):
            refuse(f"{rule.where}.rulePriority", f"is {priority}, the highest is required of one with tagStatus any")
    return tuple(found.values())


def _rule(document: Document, at: tuple[Step, ...]) -> ImageRule:
    chosen: tuple[Step, ...] = (*at, "selection")
    status = _word(document, *chosen, "tagStatus", allowed=_STATUSES)
    kind = _word(document, *chosen, "countType", allowed=_KINDS)
    lists = {name: read_list(document, *chosen, name) for name in _TAGS}
    tags = [tag for listed in lists.values() for tag in optional(listed, [])]
    if bool(tags) != (status == "tagged"):
        refuse(shown_path(chosen), f"has {'' if tags else 'no '}tags, with tagStatus {status}")
    if kind != _KINDS[0]:
        _word(document, *chosen, "countUnit", allowed=("days",))
    elif not isinstance(read(document, *chosen, "countUnit"), Absent):
        refuse(shown_path((*chosen, "countUnit")), f"is set, with countType {kind}")
    number = required(read_number(document, *chosen, "countNumber"))
    if number < 1:
        refuse(shown_path((*chosen, "countNumber")), f"is {number}, at least 1 is required")
    return ImageRule(
        where=shown_path(at),
        expires=_word(document, *at, "action", "type", allowed=_ACTIONS) == "expire",
        status=status,
        kind=kind,
        number=number,
        tags=tuple(str(tag) for tag in tags if not is_unknown(tag)),
    )


def _word(document: Document, *at: Step, allowed: tuple[str, ...]) -> str:
    return word_of(allowed, required(read_text(document, *at)), shown_path(at))
