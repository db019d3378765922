"""The policy about what AWS has once: it must be free before something new takes it."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.change.plan import Plan
from policies.facts.change.uniqueness import Once, keys
from policies.resources.graph import Resource
from policies.rules.policy import EVERYWHERE
from policies.rules.rule import Problem, Stack, policy


@policy(
    what="Nothing takes a name, or anything else that AWS has once, while something else still has it.",
    why="New things come first and old ones go last, so AWS refuses the second one and the deployment ends half-way.",
    severity="high",
    how_to_fix="If it was renamed, say so, and it stays what it is: `formerly: OLD-NAME` in the catalogue, `aliases` in a program. "
    "Otherwise deploy twice: first what frees the name, then what takes it.",
    url="https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/",
    levels=EVERYWHERE,
)
def names_free(stack: Stack, resource: Resource) -> Iterator[Problem]:
    plan = stack.plan
    if plan is None or not plan.asks_for(resource):
        return
    for once, values, holder in plan.taken(resource):
        yield Problem(_found(plan, once, values, holder), "one that nothing else has, or the resource that has it")


def _found(plan: Plan, once: Once, values: tuple[object, ...], holder: Resource) -> str:
    shown = ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values if value is not None)
    successor = plan.successors.get(holder.urn)
    if successor is None:
        fate = "which is deleted only when everything else is done"
        if once.merges:
            fate += ": AWS takes both for one, and the new one goes with the old"
    elif values in [key[1:] for key in keys(successor, once)]:
        fate = "which keeps it"
    else:
        fate = "which gives it up in the same deployment, in no fixed order"
    return f"{once.what} ({shown}) is that of {holder.name}, {fate}"
