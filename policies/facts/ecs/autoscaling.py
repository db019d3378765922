"""The most tasks that Application Auto Scaling may give a service: its target's maximum and its scheduled actions'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, NotDecidedError, Present, Undecided
from policies.resources.reading import optional, read_integer, read_text, refuse
from policies.resources.references import depended_on
from policies.resources.tokens import SCALING_TARGET, SCHEDULED_ACTION, SERVICE

_DIMENSION = Present("ecs:service:DesiredCount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalers:
    """Targets and scheduled actions by the service they scale: by its URN, and by its name with the cluster's.

    unclaimed: those of names that no service of the stack is known to have.
    """

    by_urn: dict[str, list[Resource]]
    by_name: dict[str, list[tuple[str, Resource]]]
    unclaimed: list[tuple[str, Resource]]
    lost: list[Resource]


def scaling_maxima(scalers: Scalers, service: Resource) -> tuple[int | None, int | None]:
    """(the target's maximum, the largest scheduled maximum), None where there is none. Raises NotDecidedError.

    Minima count too: whoever raises one above the maximum raises the tasks.
    """
    for lost in scalers.lost:
        refuse(
            "desiredCount", f"may be scaled by {lost.urn}, whose resourceId is unknown at preview and names no service"
        )
    scaling: int | None = None
    scheduled: int | None = None
    for scaler in (*scalers.by_urn.get(service.urn, ()), *_by_name(scalers, service)):
        if scaler.type == SCALING_TARGET:
            most = max(_capacity(scaler, "maxCapacity", needed=True), _capacity(scaler, "minCapacity"))
            scaling = max(scaling or 0, most)
        else:
            bounds = (_capacity(scaler, "scalableTargetAction", key) for key in ("maxCapacity", "minCapacity"))
            scheduled = max(scheduled or 0, *bounds)
    return scaling, scheduled


def _capacity(scaler: Resource, *path: str, needed: bool = False) -> int:
    """A number of tasks, 0 where it may be absent and is. What cannot be read names the scaler: the service is not at fault."""
    found = read_integer(scaler, *path)
    what = "scaling target" if scaler.type == SCALING_TARGET else "scheduled action"
    where = f"{'.'.join(path)} of the {what} {scaler.name}"
    if isinstance(found, Undecided):
        raise NotDecidedError(replace(found, where=where))
    if isinstance(found, Absent) and needed:
        refuse(where, "is absent, a value is required")
    return optional(found, 0)


def scaling_targets(scalers: Scalers, service: Resource) -> tuple[Resource, ...]:
    """The targets that scale a service."""
    return _scaling(scalers, service, SCALING_TARGET)


def scheduled_actions(scalers: Scalers, service: Resource) -> tuple[Resource, ...]:
    """The scheduled actions that change a service's bounds."""
    return _scaling(scalers, service, SCHEDULED_ACTION)


def _scaling(scalers: Scalers, service: Resource, kind: str) -> tuple[Resource, ...]:
    found = (*scalers.by_urn.get(service.urn, ()), *_by_name(scalers, service))
    return tuple(scaler for scaler in found if scaler.type == kind)


def read_scalers(graph: Graph) -> Scalers:
    """The targets and scheduled actions of the stack."""
    scalers = Scalers(by_urn={}, by_name={}, unclaimed=[], lost=[])
    for scaler in graph.of_type(SCALING_TARGET, SCHEDULED_ACTION):
        dimension = read_text(scaler, "scalableDimension")
        if isinstance(dimension, Present) and dimension != _DIMENSION:
            continue
        identifiers, urns = list(_identifiers(graph, scaler)), list(_services(graph, scaler))
        for identifier in identifiers:
            cluster, _, name = identifier.rpartition("/")
            scalers.by_name.setdefault(name, []).append((cluster.rpartition("/")[2], scaler))
        for urn in urns if not identifiers else ():
            scalers.by_urn.setdefault(urn, []).append(scaler)
        if not identifiers and not urns:
            scalers.lost.append(scaler)
    names = {
        name.value for service in graph.of_type(SERVICE) if isinstance(name := read_text(service, "name"), Present)
    }
    scalers.unclaimed.extend(pair for name, pairs in scalers.by_name.items() if name not in names for pair in pairs)
    return scalers


def _identifiers(graph: Graph, scaler: Resource) -> Iterator[str]:
    """The known "service/cluster/name", the target's own where a scheduled action takes it from there."""
    identifier = read_text(scaler, "resourceId")
    if isinstance(identifier, Present):
        yield identifier.value
        return
    for target in _targets(graph, scaler):
        yield from _identifiers(graph, target)


def _services(graph: Graph, scaler: Resource) -> Iterator[str]:
    for service in depended_on(graph, scaler, "resourceId", SERVICE):
        yield service.urn
    for target in _targets(graph, scaler):
        yield from _services(graph, target)


def _targets(graph: Graph, scaler: Resource) -> tuple[Resource, ...]:
    """The targets that a scheduled action takes its service from."""
    return depended_on(graph, scaler, "resourceId", SCALING_TARGET) if scaler.type == SCHEDULED_ACTION else ()


def _by_name(scalers: Scalers, service: Resource) -> Iterator[Resource]:
    name, cluster = read_text(service, "name"), read_text(service, "cluster")
    # A service of an unknown name, or in an unknown cluster, may be the one meant: a maximum can only raise the demand.
    meant = scalers.by_name.get(name.value, ()) if isinstance(name, Present) else scalers.unclaimed
    for scaled_cluster, scaler in meant:
        if not isinstance(cluster, Present) or cluster.value.rpartition("/")[2] == scaled_cluster:
            yield scaler
