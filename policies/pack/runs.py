"""What starts tasks: services, schedules, rules, and people or pipelines as declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .graph import Graph, Resource
from .reading import Absent, Step, read, read_map, read_text, text_or
from .relations import References, references, task_definitions
from .tokens import EVENT_TARGET, SCHEDULE, SECURITY_GROUP, SERVICE, TASK_DEFINITION

ONE_OFF_TAG = "budget:one-off-tasks"

_STARTERS: Mapping[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    SERVICE: ((), "taskDefinition", ()),
    SCHEDULE: (("target", "ecsParameters"), "taskDefinitionArn", ("target", "input")),
    EVENT_TARGET: (("ecsTarget",), "taskDefinitionArn", ("input",)),
}
"""Where each type that starts tasks keeps its ECS parameters, within them the task definition, and its overrides."""


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
    definition_property: str = "family"
    overrides: tuple[Step, ...] = ()


def read_runs(graph: Graph, *, undeclared: bool = True) -> tuple[Run, ...]:
    """Everything in the stack that runs tasks.

    A task definition that declares one-off tasks counts as started by hand; with `undeclared` also one that nothing runs.
    """
    started = [run for resource in graph.of_type(*_STARTERS) for run in run_of(graph, resource)]
    used = {definition.urn for run in started for definition in run.definitions}
    by_hand = (
        Run(
            name=text_or(read_text(definition, "family"), definition.name),
            resource=definition,
            definitions=(definition,),
            security_groups=References(keys=frozenset()),
        )
        for definition in graph.of_type(TASK_DEFINITION)
        if (undeclared and definition.urn not in used) or not isinstance(read(definition, "tags", ONE_OFF_TAG), Absent)
    )
    return (*started, *by_hand)


def definition_path(kind: str) -> tuple[str, ...]:
    """The path at which resources of a type name a task definition; empty for a type that starts no tasks."""
    parameters, definition, _ = _STARTERS.get(kind, ((), "", ()))
    return (*parameters, definition) if definition else ()


def run_of(graph: Graph, resource: Resource) -> tuple[Run, ...]:
    """The run that a service, schedule or rule target is; empty where it starts no ECS tasks."""
    parameters, definition, overrides = _STARTERS[resource.type]
    if parameters and isinstance(read_map(resource, *parameters), Absent):
        return ()
    groups = (*parameters, "networkConfiguration", "securityGroups")
    return (
        Run(
            name=text_or(read_text(resource, "name"), resource.name),
            resource=resource,
            definitions=task_definitions(graph, resource, *parameters, definition),
            security_groups=references(graph, resource, SECURITY_GROUP, *groups),
            definition_property=".".join((*parameters, definition)),
            overrides=overrides,
        ),
    )
