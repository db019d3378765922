"""What starts tasks: services, schedules, rules, and people or pipelines as declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .graph import Graph, Resource
from .reading import Absent, Step, read_map, read_text, text_or
from .relations import References, references, task_definitions
from .tokens import EVENT_TARGET, SCHEDULE, SECURITY_GROUP, SERVICE, TASK_DEFINITION

ONE_OFF_TAG = "budget:one-off-tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Something that runs copies of a task definition.

    resource: the service, schedule or rule target; the task definition itself for tasks started by hand. definitions:
    those it may name, exactly one unless the stack is at fault. overrides: the path of a JSON document that may override
    the environment of the containers.
    """

    name: str
    resource: Resource
    definitions: tuple[Resource, ...]
    security_groups: References
    overrides: tuple[Step, ...] = ()

    @property
    def by_hand(self) -> bool:
        """Whether people or a pipeline start the tasks."""
        return self.resource.type == TASK_DEFINITION


def read_runs(graph: Graph) -> tuple[Run, ...]:
    """Everything in the stack that runs tasks.

    A task definition that nothing runs, or that declares one-off tasks, counts as started by hand.
    """
    started = [*_services(graph), *_schedules(graph), *_rule_targets(graph)]
    used = {definition.urn for run in started for definition in run.definitions}
    by_hand = (
        Run(
            name=text_or(read_text(definition, "family"), definition.name),
            resource=definition,
            definitions=(definition,),
            security_groups=References(keys=frozenset()),
        )
        for definition in graph.of_type(TASK_DEFINITION)
        if definition.urn not in used or not isinstance(read_text(definition, "tags", ONE_OFF_TAG), Absent)
    )
    return (*started, *by_hand)


def _services(graph: Graph) -> Iterator[Run]:
    for service in graph.of_type(SERVICE):
        yield Run(
            name=text_or(read_text(service, "name"), service.name),
            resource=service,
            definitions=task_definitions(graph, service, "taskDefinition"),
            security_groups=references(graph, service, SECURITY_GROUP, "networkConfiguration", "securityGroups"),
        )


def _schedules(graph: Graph) -> Iterator[Run]:
    for schedule in graph.of_type(SCHEDULE):
        path = ("target", "ecsParameters")
        if isinstance(read_map(schedule, *path), Absent):
            continue
        yield Run(
            name=text_or(read_text(schedule, "name"), schedule.name),
            resource=schedule,
            definitions=task_definitions(graph, schedule, *path, "taskDefinitionArn"),
            security_groups=references(
                graph, schedule, SECURITY_GROUP, *path, "networkConfiguration", "securityGroups"
            ),
            overrides=("target", "input"),
        )


def _rule_targets(graph: Graph) -> Iterator[Run]:
    for target in graph.of_type(EVENT_TARGET):
        if isinstance(read_map(target, "ecsTarget"), Absent):
            continue
        path = ("ecsTarget", "networkConfiguration", "securityGroups")
        yield Run(
            name=target.name,
            resource=target,
            definitions=task_definitions(graph, target, "ecsTarget", "taskDefinitionArn"),
            security_groups=references(graph, target, SECURITY_GROUP, *path),
            overrides=("input",),
        )
