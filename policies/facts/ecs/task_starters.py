"""What else starts ECS tasks than services and schedules: state machines, pipes, SDK calls of a schedule, code that is given both.

Sources: AWS Step Functions Developer Guide, "Run Amazon ECS or Fargate tasks with Step Functions" (ecs:runTask); Amazon EventBridge
User Guide, "Pipes targets" (EcsTaskParameters); EventBridge Scheduler User Guide, "Using universal targets" (aws-sdk:ecs:runTask).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent
from policies.resources.reading import read_map
from policies.resources.references import References
from policies.resources.tokens import (
    EVENT_TARGET,
    PIPE,
    SCHEDULE,
    SECURITY_GROUP,
    SERVICE,
    STATE_MACHINE,
    TASK_DEFINITION,
    TASK_SET,
)

_PROPERTIES: Mapping[str, str] = {
    STATE_MACHINE: "definition",
    PIPE: "targetParameters",
    SCHEDULE: "target",
}
_FAMILY = re.compile(r'task-definition/([A-Za-z0-9_-]+)|"TaskDefinition"\s*:\s*"([A-Za-z0-9_-]+)', re.IGNORECASE)
_GROUP = re.compile(r"sg-[0-9a-z]+")
_STARTERS = frozenset({SERVICE, TASK_SET, EVENT_TARGET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Resources of the stack that start copies of one task definition. security_groups: those they may give its tasks."""

    by: tuple[str, ...]
    security_groups: References


def read_launches(graph: Graph) -> Mapping[str, Launch]:
    """By the URN of a task definition: what else starts it."""
    found: dict[str, Launch] = {}
    for resource in graph:
        for definitions, groups in _started(graph, resource):
            for definition in definitions:
                known = found.get(definition, Launch(by=(), security_groups=References()))
                found[definition] = Launch(
                    by=(*known.by, resource.urn), security_groups=References(keys=known.security_groups.keys | groups)
                )
    return found


def _started(graph: Graph, resource: Resource) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Task definitions and security groups that one property of a resource holds together."""
    prop = _PROPERTIES.get(resource.type)
    if resource.type in _STARTERS:
        return
    if resource.type == SCHEDULE and not isinstance(read_map(resource, "target", "ecsParameters"), Absent):
        return  # counted by its period
    for name, urns in resource.property_dependencies.items():
        definitions, groups = (_of_type(graph, urns, kind) for kind in (TASK_DEFINITION, SECURITY_GROUP))
        if name != prop and definitions and groups:
            yield definitions, groups
    if prop:
        urns = resource.property_dependencies.get(prop, ())
        text = json.dumps(resource.props.get(prop), default=str).replace("\\", "")
        families = {family for match in _FAMILY.findall(text) for family in match if family}
        definitions = _of_type(graph, urns, TASK_DEFINITION) | _known(graph, TASK_DEFINITION, families)
        groups = _of_type(graph, urns, SECURITY_GROUP) | _known(graph, SECURITY_GROUP, set(_GROUP.findall(text)))
        if definitions:
            yield definitions, groups


def _of_type(graph: Graph, urns: tuple[str, ...], kind: str) -> frozenset[str]:
    return frozenset(urn for urn in urns if (other := graph.get(urn)) is not None and other.type == kind)


def _known(graph: Graph, kind: str, names: set[str]) -> frozenset[str]:
    """URNs of the resources of these names; of those of another stack the names."""
    by_name = graph.by_handle(kind)
    return frozenset(by_name[name].urn if name in by_name else name for name in names)
