"""A resource that is about to be created, with the task definition it names: registration tells no dependencies.

On AWS an ARN holds the family and so tells the definition. Another provider (a mock, an emulator) may answer with ARNs of its own
making; then the definition is the one that is named as what runs it: by family or by logical name.
"""

from __future__ import annotations

from .graph import Graph, PlainResource, Resource
from .reading import Present, read_text
from .relations import ECS_ARN, task_definition_named
from .runs import definition_path
from .tokens import TASK_DEFINITION


def arriving(graph: Graph, resource: Resource) -> Resource:
    """The resource, with a dependency on its task definition where its own property does not tell that."""
    path = definition_path(resource.type)
    value = read_text(resource, *path) if path else None
    if not path or not isinstance(value, Present):
        return resource
    if ECS_ARN in value.value or task_definition_named(graph, value.value) is not None:
        return resource
    name = read_text(resource, "name")
    namesakes = [
        definition
        for definition in graph.of_type(TASK_DEFINITION)
        if definition.name == resource.name or (isinstance(name, Present) and read_text(definition, "family") == name)
    ]
    if len(namesakes) != 1:
        return resource
    return PlainResource(
        type=resource.type,
        urn=resource.urn,
        name=resource.name,
        props=resource.props,
        property_dependencies={**resource.property_dependencies, path[0]: (namesakes[0].urn,)},
    )
