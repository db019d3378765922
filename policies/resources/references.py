"""Which resource a property names: through the ids and names that are known, else through property dependencies.

Ids are unknown at preview; property dependencies hold the resources themselves and are complete there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from policies.resources.graph import Graph, Resource, grouped, handles_of
from policies.resources.outcomes import (
    Absent,
    NotDecidedError,
    Present,
    Step,
    Undecided,
    is_unknown,
    unknown_at_preview,
)
from policies.resources.reading import read, read_list
from policies.resources.tokens import SECURITY_GROUP, TASK_DEFINITION

_FAMILY = re.compile(r"(?:.*:task-definition/)?([A-Za-z0-9_-]{1,255})(?::([0-9]+))?")
ECS_ARN = ":task-definition/"
"""What every ARN of a task definition on AWS holds, before the family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What a property names: URNs of resources in the stack, and known ids. Either may be empty.

    undecided: a part of the property is unknown and no resource of the stack explains it. strays: known ids that no resource
    of the stack explains.
    """

    keys: frozenset[str] = frozenset()
    undecided: Undecided | None = None
    strays: frozenset[str] = frozenset()


_PASSED_ON = frozenset({SECURITY_GROUP})
"""Types of which programs take an id out of another resource that was given it."""
NO_REFERENCES = References()


def references(graph: Graph, resource: Resource, kind: str, *path: Step) -> References:
    """The resources of one type that a property, a string or a list of strings, names."""
    found = read(resource, *path)
    if isinstance(found, Absent):
        return NO_REFERENCES
    if graph.get(resource.urn) is not resource:
        return _references(graph, resource, kind, path, found)
    key = (resource.urn, kind, path)
    known: References | None = graph.known.get(key)
    if known is None:
        known = graph.known[key] = _references(graph, resource, kind, path, found)
    return known


def _references(
    graph: Graph, resource: Resource, kind: str, path: tuple[Step, ...], found: Present[object] | Undecided
) -> References:
    values: list[object] = []
    unknown = isinstance(found, Undecided)
    if isinstance(found, Present):
        listed = read_list(resource, *path)
        values = listed.value if isinstance(listed, Present) else [found.value]
        unknown = any(is_unknown(value) for value in values)
    made_from = resource.property_dependencies.get(str(path[0]), ())
    known = {
        _key(graph, kind, value, made_from) for value in values if isinstance(value, str) and not is_unknown(value)
    }
    # A provider may keep a resource's id out of its outputs: then the property's dependencies say whose id it is.
    foreign = {key for key in known if graph.get(key) is None}
    depended = (
        {other.urn for other in depended_on(graph, resource, str(path[0]), kind)} if unknown or foreign else set()
    )
    if unknown and not depended and kind in _PASSED_ON:
        depended = _passed_on(graph, made_from, kind)
    # A list may hold ids of the stack beside others that nothing here explains.
    explained = len(depended - known) - sum(is_unknown(value) for value in values)
    strays = frozenset(foreign if len(foreign) > explained else ())
    undecided = None
    if unknown and (not depended or explained < 0):
        undecided = found if isinstance(found, Undecided) else unknown_at_preview(str(path[-1]))
    return References(keys=frozenset(known | depended), undecided=undecided, strays=strays)


def _passed_on(graph: Graph, made_from: Iterable[str], kind: str) -> set[str]:
    """The one resource of a type that what a value was made from names itself, as in `service.network_configuration.security_groups[0]`."""
    holders = (graph.get(urn) for urn in made_from)
    held = {
        urn
        for holder in holders
        if holder is not None
        for urns in holder.property_dependencies.values()
        for urn in urns
        if (other := graph.get(urn)) is not None and other.type == kind
    }
    return held if len(held) == 1 else set()


def named(graph: Graph, resource: Resource, kind: str, *path: Step) -> frozenset[str]:
    """URNs of the resources that a property names, and ids of those outside. Raises NotDecidedError where one is unknown."""
    found = references(graph, resource, kind, *path)
    if found.undecided is not None:
        raise NotDecidedError(found.undecided)
    return frozenset(key for key in found.keys if key in found.strays or graph.get(key) is not None)


def depended_on(graph: Graph, resource: Resource, prop: str, kind: str) -> tuple[Resource, ...]:
    """The resources of one type that a top-level property's value was made from."""
    found = (graph.get(urn) for urn in resource.property_dependencies.get(prop, ()))
    return tuple(other for other in found if other is not None and other.type == kind)


def made_here(graph: Graph, resource: Resource, prop: str) -> bool:
    """Whether a top-level property was made from resources of the stack: then it is set, though its value may be unknown."""
    return any(graph.get(urn) is not None for urn in resource.property_dependencies.get(prop, ()))


def in_stack(graph: Graph, kind: str, name: str, prop: str = "name") -> bool:
    """Whether a resource of one type has a name, id or ARN. Raises NotDecidedError where one of an unknown name may be the one."""
    if name in graph.by_handle(kind):
        return True
    for resource in graph.of_type(kind):
        found = read(resource, prop)
        if isinstance(found, Undecided):
            raise NotDecidedError(replace(found, owner=resource))
    return False


def ids_known(graph: Graph, kind: str) -> bool:
    """Whether every resource of one type has an id, be it unknown: what is only being registered has none yet."""
    return all("id" in other.props or "arn" in other.props for other in graph.of_type(kind))


def belonging(graph: Graph, owner: Resource, kind: str, prop: str) -> list[Resource]:
    """The resources of one type that name a resource in a property, such as the policies of a bucket."""
    key = (kind, owner.type, prop)
    if key not in graph.belongings:
        graph.belongings[key] = _by_owner(graph, kind, owner.type, prop)
    return graph.belongings[key].get(owner.urn, [])


def _by_owner(graph: Graph, kind: str, owner: str, prop: str) -> dict[str, list[Resource]]:
    items = graph.of_type(kind)
    return grouped((key, item) for item in items for key in references(graph, item, owner, prop).keys)


def task_definitions(graph: Graph, resource: Resource, *path: Step) -> tuple[Resource, ...]:
    """The task definitions a property names: by ARN or family where it is known, else by dependency.

    A family that several definitions of the stack have names each of them, and a revision that none of them is names none:
    what an older one holds is not known.
    """
    found = read(resource, *path)
    depended = depended_on(graph, resource, str(path[0]), TASK_DEFINITION)
    if not isinstance(found, Present) or not isinstance(found.value, str):
        return depended
    meant = task_definitions_named(graph, found.value, depended)
    # A provider's ARN need not name the family: then the property's dependencies say what it was made from.
    return meant if meant or ECS_ARN in found.value else depended


def task_definitions_named(graph: Graph, value: str, depended: tuple[Resource, ...] = ()) -> tuple[Resource, ...]:
    """The task definitions with this ARN, or of this family and, where it is given, this revision.

    depended: those that the value was made from; they are meant where the family alone leaves a choice.
    """
    known = graph.by_handle(TASK_DEFINITION).get(value)
    if known is not None and known.props.get("arn") == value:
        return (known,)
    match = _FAMILY.fullmatch(value)
    of_family = _of_family(graph, match[1]) if match else ()
    meant = tuple(definition for definition in of_family if definition in depended) or of_family
    if match and match[2] and not depended:
        meant = tuple(definition for definition in meant if _may_be(definition, match[2]))
    return meant


def pinned(graph: Graph, resource: Resource, *path: Step) -> tuple[Resource, ...]:
    """The task definitions of the stack of which a property names another revision than the stack's."""
    found = read(resource, *path)
    if not isinstance(found, Present) or not isinstance(found.value, str) or task_definitions(graph, resource, *path):
        return ()
    match = _FAMILY.fullmatch(found.value)
    return _of_family(graph, match[1]) if match and match[2] else ()


def _may_be(definition: Resource, revision: str) -> bool:
    """Whether a definition may have a revision: what is only being registered does not name one, and so may be any."""
    known = definition.props.get("revision", definition.props.get("arn"))
    return known is None or str(known).removesuffix(".0").rpartition(":")[2] == revision


def _of_family(graph: Graph, family: str) -> tuple[Resource, ...]:
    found = (graph.by_text(TASK_DEFINITION, prop).get(family, ()) for prop in ("family", "id"))
    return tuple({held.urn: held for definitions in found for held in definitions}.values())


def _key(graph: Graph, kind: str, value: str, made_from: tuple[str, ...]) -> str:
    """The URN of the resource of a type with this id, ARN or name; the value where there is none.

    made_from: the property's dependencies. Where resources share an id (mocks make ids of names), one of them is meant.
    """
    known = graph.by_handle(kind).get(value)
    if known is None or not made_from or known.urn in made_from:
        return value if known is None else known.urn
    found = (graph.get(urn) for urn in made_from)
    bearers = [other for other in found if other is not None and value in handles_of(other)]
    alike = [other.urn for other in bearers if other.type == kind]
    return alike[0] if alike else value if bearers else known.urn
