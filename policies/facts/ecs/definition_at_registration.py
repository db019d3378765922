"""A resource that is about to be created, with the task definition it names: registration carries no dependencies.

On AWS an ARN holds the family and so names the definition. Another provider (a mock, an emulator) may answer with ARNs of its own
making; then the definition is the one whose family or logical name is a part of it, else the one named as what runs it.
"""

from __future__ import annotations

import re

from policies.facts.ecs.task_runs import definition_path
from policies.resources.graph import Graph, PlainResource, Resource
from policies.resources.outcomes import Present
from policies.resources.reading import read_text
from policies.resources.references import ECS_ARN, task_definitions_named
from policies.resources.tokens import TASK_DEFINITION


def with_task_definition(graph: Graph, resource: Resource) -> Resource | None:
    """The resource, with a dependency on its task definition where its own property does not say so.

    None where it names one in a way that only the dependencies of the whole stack will show.
    """
    path = definition_path(resource.type)
    value = read_text(resource, *path) if path else None
    if not path or not isinstance(value, Present):
        return resource
    if ECS_ARN in value.value or task_definitions_named(graph, value.value):
        return resource
    likely = _likely(graph, resource, value.value)
    if likely is None:
        return None if value.value.startswith("arn:") else resource
    made_from = {**resource.property_dependencies, path[0]: (likely.urn,)}
    return PlainResource.like(resource, property_dependencies=made_from, dependencies=())


def _likely(graph: Graph, resource: Resource, value: str) -> Resource | None:
    definitions = graph.of_type(TASK_DEFINITION)
    parts = set(re.split(r"[:/#]", value))
    inside = [definition for definition in definitions if {definition.name, *_family(definition)} & parts]
    names = {resource.name, *(name.value for name in [read_text(resource, "name")] if isinstance(name, Present))}
    namesakes = [definition for definition in definitions if {definition.name, *_family(definition)} & names]
    return next((found[0] for found in (inside, namesakes) if len(found) == 1), None)


def _family(definition: Resource) -> tuple[str, ...]:
    family = read_text(definition, "family")
    return (family.value,) if isinstance(family, Present) else ()
