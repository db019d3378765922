"""The policy `lifecycle-valid`: the rules of a bucket's lifecycle are such as S3 takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from policies.facts.lifecycles import Ending, bucket_rules
from policies.resources.graph import Resource
from policies.resources.outcomes import Present
from policies.resources.reading import optional
from policies.resources.tokens import BUCKET, BUCKET_LIFECYCLE
from policies.rules.rule import Problem, Stack, policy

_COLDER = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""Classes in the order in which objects may move from one to another (S3 User Guide, Supported transitions)."""
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
    for rule in bucket_rules(lifecycle):
        for ending in (rule.current, rule.earlier):
            yield from _moved(ending)
        if isinstance(rule.id, Present):
            if rule.id.value in ids:
                yield Problem(f'two rules have the id "{rule.id.value[:60]}"', "an id for each")
            ids.add(rule.id.value)


def _moved(ending: Ending) -> Iterator[Problem]:
    removed = optional(ending.days, None)
    found: list[tuple[int, int, str]] = []
    for move in ending.moves:
        days = optional(move.days, None)
        if days is None:
            continue
        if removed is not None and days >= removed:
            yield Problem(f"{move.where} is {days}, and {ending.where} {removed}", f"fewer than {removed} days")
        to = optional(move.to, "")
        if to in _RARELY and days < _LEAST_RARELY:
            yield Problem(f"{move.where} is {days}, to {to}", f"at least {_LEAST_RARELY}")
        if to in _COLDER:
            found.append((_COLDER.index(to), days, move.where))
    for (_, earlier, _), (colder, days, where) in itertools.pairwise(sorted(found)):
        if days <= earlier:
            yield Problem(
                f"{where} is {days}, to {_COLDER[colder]}", f"more than {earlier}, when objects are to move before"
            )
