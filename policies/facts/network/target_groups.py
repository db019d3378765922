"""Which target groups services, listeners and their rules name, and by whom a target group is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Absent, NotDecidedError, Undecided, decided
from policies.resources.reading import optional, read, read_list
from policies.resources.references import references
from policies.resources.requested import asked_list
from policies.resources.tokens import DEPLOYMENT_GROUP, TARGET_GROUP


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What names target groups, by their URNs. undecided: of the first resource that cannot be read; none behind it counts."""

    by_group: Mapping[str, tuple[Resource, ...]]
    undecided: Undecided | None


def targets_of(graph: Graph, resource: Resource, prop: str) -> frozenset[str]:
    """The target groups that a service, listener or rule names. Raises NotDecidedError where one cannot be determined."""
    found: set[str] = set()
    for position in range(len(optional(asked_list(resource, prop), []))):
        ways: list[tuple[str | int, ...]] = [(prop, position, "targetGroupArn")]
        if prop == "loadBalancers":  # of a service that ECS moves to and fro between two (advancedConfiguration)
            ways.append((prop, position, "advancedConfiguration", "alternateTargetGroupArn"))
        else:
            groups = optional(read_list(resource, prop, position, "forward", "targetGroups"), [])
            ways += [(prop, position, "forward", "targetGroups", number, "arn") for number in range(len(groups))]
        for way in ways:
            if not isinstance(read(resource, *way), Absent):
                named = references(graph, resource, TARGET_GROUP, *way)
                if named.undecided is not None:
                    raise NotDecidedError(named.undecided)
                found |= named.keys
    return frozenset(found)


@per_graph
def naming(graph: Graph, kind: str, prop: str) -> Naming:
    """The resources of one type that name target groups in a property, in their order."""
    found: dict[str, list[Resource]] = {}
    undecided = None
    for resource in graph.of_type(kind):
        targets = decided(lambda resource=resource: targets_of(graph, resource, prop))
        if isinstance(targets, Undecided):
            undecided = replace(targets, owner=targets.owner or resource)
            break
        for key in targets:
            found.setdefault(key, []).append(resource)
    return Naming(by_group={key: tuple(held) for key, held in found.items()}, undecided=undecided)


@per_graph
def moved_to(graph: Graph) -> frozenset[str]:
    """The URNs of the target groups that CodeDeploy moves services to and fro between, and names of those elsewhere."""
    found: set[str] = set()
    path = ("loadBalancerInfo", "targetGroupPairInfo", "targetGroups")
    for deployer in graph.of_type(DEPLOYMENT_GROUP):
        if isinstance(read(deployer, *path[:-1]), Absent):
            continue
        for position in range(len(optional(read_list(deployer, *path), []))):
            found |= references(graph, deployer, TARGET_GROUP, *path, position, "name").keys
    return frozenset(found)


def named_by(graph: Graph, group: Resource, kind: str, prop: str) -> tuple[Resource, ...]:
    """The resources of one type that name a target group. Raises NotDecidedError where one cannot be read."""
    found = naming(graph, kind, prop)
    if found.undecided is not None:
        raise NotDecidedError(found.undecided)
    return found.by_group.get(group.urn, ())
