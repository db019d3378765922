"""The policy that reports what a change takes away for a while: the replacement or restart of what serves."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.change.effects import EFFECTS
from policies.resources.graph import Resource
from policies.rules.policy import ADVISORY_ONLY
from policies.rules.rule import Problem, Stack, policy


@policy(
    what="A change that takes something away for a while is made knowingly.",
    why="A preview shows a changed property; that the database is away for it, or empty afterwards, it does not show.",
    severity="medium",
    how_to_fix="Do what is required instead, or deploy at an hour at which it may be away, and tell those who use it.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html",
    levels=ADVISORY_ONLY,
    types=tuple(EFFECTS),
)
def outages_told(stack: Stack, resource: Resource) -> Iterator[Problem]:
    plan = stack.plan
    if plan is None or not plan.asks_for(resource):
        return
    for effect in EFFECTS[resource.type]:
        if changed := list(plan.changed(resource, effect.properties)):
            yield Problem(f"{', '.join(changed)} changes: {effect.what}, and {effect.away}", effect.instead)
