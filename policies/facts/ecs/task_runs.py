"""What starts tasks: services, schedules, rules, and people or pipelines as declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.budget.declarations import ONE_OFF_TAG
from policies.facts.ecs.container_hosts import Hosts
from policies.facts.ecs.deployments import controller
from policies.facts.ecs.task_starters import Launch
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, Step, decided
from policies.resources.reading import name_of, read, read_map
from policies.resources.references import NO_REFERENCES, References, belonging, pinned, references, task_definitions
from policies.resources.tokens import EVENT_TARGET, SCHEDULE, SECURITY_GROUP, SERVICE, TASK_DEFINITION, TASK_SET

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
    the environment of the containers. on_machines: its tasks share the network of EC2 machines. launched_by: URNs of what starts
    a task definition beside services and schedules. awaited: stands for a schedule of a batch job that is not registered yet.
    """

    name: str
    resource: Resource
    definitions: tuple[Resource, ...] = ()
    security_groups: References = NO_REFERENCES
    definition_property: str = "family"
    overrides: tuple[Step, ...] = ()
    on_machines: bool = False
    launched_by: tuple[str, ...] = ()
    awaited: bool = False


def read_runs(
    graph: Graph, hosts: Hosts, launches: Mapping[str, Launch], *, undeclared: bool = True
) -> tuple[Run, ...]:
    """Everything in the stack that runs tasks.

    A task definition that declares one-off tasks counts as started by hand, and so does one that a state machine, say, starts;
    with `undeclared` also one that nothing runs.
    """
    started = [run for resource in graph.of_type(*_STARTERS) for run in runs_of(graph, hosts, resource)]
    used = {definition.urn for run in started for definition in run.definitions}
    for run in started if undeclared else ():
        if not run.definitions:
            used |= {held.urn for held in pinned(graph, run.resource, *run.definition_property.split("."))}
    by_hand = (
        _by_hand(definition, launches.get(definition.urn))
        for definition in graph.of_type(TASK_DEFINITION)
        if (undeclared and definition.urn not in used)
        or definition.urn in launches
        or not isinstance(read(definition, "tags", ONE_OFF_TAG), Absent)
    )
    return (*started, *by_hand)


def definition_path(kind: str) -> tuple[str, ...]:
    """The path at which resources of a type name a task definition; empty for a type that starts no tasks."""
    parameters, definition, _ = _STARTERS.get(kind, ((), "", ()))
    return (*parameters, definition) if definition else ()


def runs_of(graph: Graph, hosts: Hosts, resource: Resource) -> tuple[Run, ...]:
    """The run that a service, schedule or rule target is, one for each task set of a service; empty where it starts no ECS tasks."""
    parameters, definition, overrides = _STARTERS[resource.type]
    if parameters and isinstance(read_map(resource, *parameters), Absent):
        return ()
    if resource.type == SERVICE and decided(lambda: controller(resource)) == "EXTERNAL":
        return tuple(
            _of_task_set(graph, resource, task_set) for task_set in belonging(graph, resource, TASK_SET, "service")
        )
    network = (*parameters, "networkConfiguration")
    on_machines = isinstance(read(resource, *network), Absent)
    groups = (*network, "securityGroups")
    return (
        Run(
            name=name_of(resource),
            resource=resource,
            definitions=task_definitions(graph, resource, *parameters, definition),
            security_groups=hosts.groups if on_machines else references(graph, resource, SECURITY_GROUP, *groups),
            definition_property=".".join((*parameters, definition)),
            overrides=overrides,
            on_machines=on_machines,
        ),
    )


def _of_task_set(graph: Graph, service: Resource, task_set: Resource) -> Run:
    """A service with the controller EXTERNAL runs what its task sets say."""
    return Run(
        name=name_of(service),
        resource=service,
        definitions=task_definitions(graph, task_set, "taskDefinition"),
        security_groups=references(graph, task_set, SECURITY_GROUP, "networkConfiguration", "securityGroups"),
        definition_property="taskDefinition of a task set",
    )


def _by_hand(definition: Resource, launch: Launch | None) -> Run:
    return Run(
        name=name_of(definition, "family"),
        resource=definition,
        definitions=(definition,),
        security_groups=launch.security_groups if launch else References(),
        launched_by=launch.by if launch else (),
    )
