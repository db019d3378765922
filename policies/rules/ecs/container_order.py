"""What ECS refuses of a task's containers together: names, ports, what they wait for, and what they mount."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from policies.facts.ecs.containers import essential
from policies.facts.ecs.definitions import network_mode
from policies.facts.ecs.parts.health_checks import health_check
from policies.facts.ecs.parts.port_mappings import port_mappings
from policies.facts.facts import Facts
from policies.resources.graph import Resource
from policies.resources.reading import optional, read_list, read_text, required
from policies.resources.requested import asked_list
from policies.rules.rule import Problem

_CONDITIONS = ("COMPLETE", "HEALTHY", "START", "SUCCESS")
"""Amazon ECS API Reference, ContainerDependency."""
_Containers = Mapping[str, Mapping[str, object]]


def problems_of_containers(facts: Facts, definition: Resource) -> Iterator[Problem]:
    """What is wrong with the containers of a task definition as a whole. Raises NotDecidedError."""
    containers, ports = facts.documents(definition), facts.by_container(definition, port_mappings)
    checks, lasting = facts.by_container(definition, health_check), facts.by_container(definition, essential)
    names = {str(container.get("name")): container for container in containers}
    for name in _twice(str(container.get("name")) for container in containers):
        yield Problem(f'two of its containers are called "{name[:80]}"', "a name for each")
    if network_mode(definition) == "awsvpc":
        mapped = [mapping for own in ports.values() for mapping in own]
        met = (held for at, held in enumerate(mapped) if any(held.meets(other) for other in mapped[:at]))
        for port in dict.fromkeys(f"{mapping}/{mapping.protocol}" for mapping in met):
            yield Problem(f"two of its containers map the port {port}: they share one address", "a port for each")
    stays = {name for name in names if ports[name] or checks[name] or lasting[name]}
    for name, container in names.items():
        yield from _waits(name, container, names, stays=stays, checked={key for key in names if checks[key]})
    for circle in _circles(names):
        yield Problem(f"the containers {' and '.join(circle)} wait for each other", "an order in which one is first")
    volumes = _volumes(definition)
    for name, container in names.items():
        yield from _mounts(name, container, volumes, names)


def _entries(container: Mapping[str, object], prop: str) -> range:
    return range(len(optional(read_list(container, prop), [])))


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _waits(
    name: str, container: Mapping[str, object], names: _Containers, *, stays: set[str], checked: set[str]
) -> Iterator[Problem]:
    """stays: those that run on, as they have ports or a check, or the task ends with them. checked: those that have a check."""
    label = f'container "{name}"'
    for position in _entries(container, "dependsOn"):
        other = required(read_text(container, "dependsOn", position, "containerName"))
        condition = required(read_text(container, "dependsOn", position, "condition"))
        if other not in names:
            yield Problem(f'{label} waits for "{other[:80]}", which is no container of the task', "one of the task's")
        elif other == name:
            yield Problem(f"{label} waits for itself", "another container")
        elif condition not in _CONDITIONS:
            yield Problem(f'{label} waits for {other[:80]} to be "{condition[:30]}"', " or ".join(_CONDITIONS))
        elif condition in ("COMPLETE", "SUCCESS") and other in stays:
            yield Problem(
                f"{label} waits until {other[:80]} has ended ({condition}), which runs on", "START or HEALTHY"
            )
        elif condition == "HEALTHY" and other not in checked:
            yield Problem(
                f"{label} waits until {other[:80]} is healthy, which has no healthCheck",
                "a healthCheck there, or START",
            )


def _circles(names: _Containers) -> Iterator[list[str]]:
    """The containers that none of can be first, in the order of the task definition; those that wait for themselves are reported alone."""
    waits = {
        name: {
            other
            for position in _entries(container, "dependsOn")
            if (other := required(read_text(container, "dependsOn", position, "containerName"))) in names
            and other != name
        }
        for name, container in names.items()
    }
    while free := [name for name, others in waits.items() if not others]:
        waits = {name: others.difference(free) for name, others in waits.items() if name not in free}
    # What only waits for a circle is not in it.
    while ends := [name for name in waits if not any(name in others for others in waits.values())]:
        waits = {name: others for name, others in waits.items() if name not in ends}
    if waits:
        yield list(waits)


def _volumes(definition: Resource) -> set[str]:
    listed = range(len(optional(asked_list(definition, "volumes"), [])))
    return {required(read_text(definition, "volumes", position, "name")) for position in listed}


def _mounts(name: str, container: Mapping[str, object], volumes: set[str], names: _Containers) -> Iterator[Problem]:
    label = f'container "{name}"'
    paths: list[str] = []
    for position in _entries(container, "mountPoints"):
        volume = optional(read_text(container, "mountPoints", position, "sourceVolume"), "")
        paths.append(optional(read_text(container, "mountPoints", position, "containerPath"), str(position)))
        if volume not in volumes:
            yield Problem(
                f'{label} mounts the volume "{volume[:80]}", which the task does not have', "one of its volumes"
            )
    for path in _twice(paths):
        yield Problem(f"{label} mounts two volumes at {path[:80]}", "a path for each")
    for position in _entries(container, "volumesFrom"):
        source = optional(read_text(container, "volumesFrom", position, "sourceContainer"), "")
        if source not in names or source == name:
            yield Problem(
                f'{label} takes the volumes of "{source[:80]}", which is no other container of the task', "one of them"
            )
