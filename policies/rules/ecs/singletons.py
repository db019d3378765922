"""Policies about services of which one task may run: a second one never starts, and what looks like one is declared."""

from __future__ import annotations

from collections.abc import Iterator

from policies.budget.declarations import SINGLETON_TAG
from policies.budget.words import counted
from policies.facts.ecs.autoscaling import scaling_maxima
from policies.facts.ecs.deployments import (
    controller,
    desired_count,
    is_daemon,
    least_percent,
    most_percent,
    strategy,
)
from policies.facts.ecs.singletons import singleton_of
from policies.resources.graph import Resource
from policies.resources.reading import optional
from policies.resources.references import task_definitions
from policies.resources.requested import asked_text
from policies.resources.tokens import SCALING_TARGET, SCHEDULED_ACTION, SERVICE, TASK_DEFINITION
from policies.rules.rule import Problem, Stack, label, policy


@policy(
    what="A service of which one task may run never runs a second one.",
    why="Two schedulers start every periodic task twice, and two leaders overwrite each other's work.",
    severity="high",
    how_to_fix=(
        f'Tag its task definition "{SINGLETON_TAG}"; one that is "true" has desiredCount 1, deploymentMinimumHealthyPercent 0, '
        "deploymentMaximumPercent 100, and 1 as every maximum of its scaling."
    ),
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html",
    types=(SERVICE,),
    also=(SCALING_TARGET, SCHEDULED_ACTION, TASK_DEFINITION),
)
def singleton_alone(stack: Stack, service: Resource) -> Iterator[Problem]:
    found = singleton_of(stack.facts, service)
    if found.declared is None and found.evidence:
        yield Problem(
            f"{' and '.join(found.evidence)}, and nothing declares whether only one may run",
            f'the tag "{SINGLETON_TAG}" on its task definition: "true" where a second one does harm, "false" where several are safe',
        )
    if not found.declared:
        return
    yield from _tasks(stack, service)
    yield from _roll_outs(service)
    for other in _others(stack, service):
        yield Problem(f"the service {label(other)} runs the same task definition", "one service for it")


def _tasks(stack: Stack, service: Resource) -> Iterator[Problem]:
    if is_daemon(service):
        yield Problem("schedulingStrategy is DAEMON: a task on every instance", "REPLICA")
    desired = optional(desired_count(service), 0)
    if desired > 1:
        yield Problem(f"desiredCount is {desired}", "1")
    scaling, scheduled = scaling_maxima(stack.facts.scalers, service)
    for most, what in ((scaling, "its scaling target"), (scheduled, "a scheduled action of its scaling")):
        if most is not None and most > 1:
            yield Problem(f"{what} allows {counted(most, 'task')}", "at most 1")


def _roll_outs(service: Resource) -> Iterator[Problem]:
    """How ECS replaces the task: the old one has to go first (Amazon ECS Developer Guide, rolling update and blue/green)."""
    by, how, most, least = controller(service), strategy(service), most_percent(service), least_percent(service)
    if by != "ECS":
        yield Problem(f"deploymentController is {by[:20]}, which runs old and new tasks side by side", "ECS")
    if how != "ROLLING":
        yield Problem(f"deploymentConfiguration.strategy is {how[:20]}: old and new tasks side by side", "ROLLING")
    if most > 100:
        yield Problem(f"deploymentMaximumPercent is {most}: a roll-out starts the new task beside the old one", "100")
    if least > 0:
        yield Problem(f"deploymentMinimumHealthyPercent is {least}: no roll-out may stop its only task", "0")
    if most <= 100 and optional(asked_text(service, "availabilityZoneRebalancing"), "") == "ENABLED":
        # ECS refuses it with a maximum of 100 percent (Availability Zone rebalancing, considerations).
        yield Problem("availabilityZoneRebalancing is ENABLED, which starts the new task first", "DISABLED")


def _others(stack: Stack, service: Resource) -> Iterator[Resource]:
    definitions = task_definitions(stack.graph, service, "taskDefinition")
    for definition in definitions if len(definitions) == 1 else ():
        running = stack.facts.services.get(definition.urn, ())
        yield from (other for other in running if other.urn != service.urn)
