"""The policy about what is lost for good: images, logs, data and messages that go with a resource."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.change.plan import Plan, aws_name
from policies.facts.finding import Finding, Parts
from policies.facts.likeness import nearest
from policies.resources.contents import CONTENTS, Contents
from policies.resources.graph import Resource
from policies.resources.outcomes import Present
from policies.resources.reading import read
from policies.resources.urns import types_and_name
from policies.rules.policy import EVERYWHERE
from policies.rules.rule import Stack, advice, stack_policy

ACCEPT_VARIABLE = "ACCEPT_LOSS"
"""Environment variable: "yes" accepts what a deployment loses. Unset: nothing may be lost."""


@stack_policy(
    what="Nothing goes with its contents unless whoever deploys has said so.",
    why="Images, logs, data and messages that are deleted with what holds them are not made again by any program.",
    severity="high",
    how_to_fix="To keep it: `formerly: OLD-NAME` in the catalogue where it was renamed; in a program `aliases` of the resource, or "
    f"`retain_on_delete`. To lose it: ./run up --accept-loss, or {ACCEPT_VARIABLE}=yes for pulumi up; in a merge request an "
    "exception that names the resource.",
    url="https://www.pulumi.com/docs/iac/concepts/resources/options/retainondelete/",
    levels=EVERYWHERE,
    types=(),
)
def nothing_lost(stack: Stack) -> Iterator[Finding]:
    plan = stack.plan
    if plan is None or plan.loss_accepted:
        return
    for resource in plan.gone:
        if (contents := CONTENTS.get(resource.type)) is not None:
            yield from _lost(stack, resource, contents, "deleted")
    for resource in plan.current:
        contents = CONTENTS.get(resource.type)
        before = plan.before(resource)
        if (
            contents is not None
            and before is not None
            and (changed := list(plan.changed(resource, contents.replaced_by)))
        ):
            yield from _lost(stack, before, contents, "replaced", f", because {', '.join(changed)} changes")


def _lost(stack: Stack, resource: Resource, contents: Contents, how: str, why: str = "") -> Iterator[Finding]:
    if contents.given_up and read(resource, contents.given_up) == Present(True):
        return
    name = aws_name(resource)
    found = contents.sentence.format(name=name, how=how).removesuffix(".") + why
    if contents.emptied_first:
        found += "; AWS refuses that as long as anything is in it, so it has to be emptied first"
    stays = f"that it stays{_renamed(stack, resource) if how == 'deleted' else ''}, or that whoever deploys accepts the loss"
    message = f"{name}: {found}. Required: {stays}. {advice(stack.spec)}"
    yield Finding(resource.urn, message, parts=Parts(found=found, required=stays))


def _renamed(stack: Stack, resource: Resource) -> str:
    """What is new and of the same kind may be the same under another name: the likest of them, and what would say so.

    What a component made goes by the component's name: that is the one which `formerly` takes.
    """
    plan = stack.plan
    if plan is None:
        return ""
    held = _component(plan, resource) or resource
    new = plan.made.get(held.type, frozenset[str]())
    if not new or held.name in new:
        return ""
    return f" (as {nearest(held.name, new)}, if that is its name now: `formerly: {held.name}` there, or an alias)"


def _component(plan: Plan, resource: Resource) -> Resource | None:
    """The component that is gone and that a resource is named for, as `api-cache` is for `api`."""
    _, _, kinds = types_and_name(resource.urn)[0].rpartition("$")[0].rpartition("$")
    held = (
        component
        for component in plan.earlier.of_type(kinds)
        if component.urn not in plan.successors and f"{resource.name}-".startswith(f"{component.name}-")
    )
    return max(held, key=lambda component: len(component.name), default=None)
