"""The policy `names-apart`: no two resources of the stack have what AWS has once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.facts.change.uniqueness import ONCE, keys
from policies.facts.finding import Finding
from policies.resources import tokens
from policies.resources.graph import Resource, grouped
from policies.rules.rule import Problem, Stack, checked, stack_policy

_REPORTED_ELSEWHERE = frozenset({tokens.LISTENER_RULE, tokens.TOPIC_SUBSCRIPTION})
"""Types whose policies say it with what follows from it."""


@stack_policy(
    what="No two resources of the stack have one name, or anything else that AWS has once; no two task definitions have one family.",
    why="AWS refuses the second one, half-way through the deployment, or takes it for the first: revisions of two services in one "
    "family are deployed for each other.",
    severity="high",
    how_to_fix="Give each a name of its own.",
    url="https://www.pulumi.com/docs/iac/concepts/resources/names/",
    types=(*ONCE, tokens.TASK_DEFINITION),
)
def names_apart(stack: Stack) -> Iterator[Finding]:
    for kind, rules in ONCE.items():
        for once in rules if kind not in _REPORTED_ELSEWHERE else ():
            resources = stack.graph.of_type(kind)
            bearers = grouped((key, resource) for resource in resources for key in keys(resource, once))
            for key, found in bearers.items():
                shown = ", ".join(str(value)[:100] for value in key[1:] if value is not None)
                yield from _reported(stack, found, f"{once.what} ({shown}) is also that of", "one of its own")
    for family, found in stack.graph.by_text(tokens.TASK_DEFINITION, "family").items():
        yield from _reported(stack, found, f"its family {family[:100]} is also that of", "a family of its own")


def _reported(stack: Stack, bearers: Sequence[Resource], found: str, required: str) -> Iterator[Finding]:
    """A finding at each that has something with others: which of them is wrong, only people know."""
    several = {resource.urn: resource for resource in bearers}
    for urn, resource in several.items() if len(several) > 1 else ():
        others = sorted(other.name for other in several.values() if other.urn != urn)
        shown = ", ".join(others[:_SHOWN]) + (f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else "")
        problem = Problem(f"{found} {shown}", required)
        yield from checked(stack.spec, [resource], lambda _, problem=problem: [problem])


_SHOWN = 3
