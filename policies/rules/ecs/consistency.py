"""Policies about what a task definition says twice: containers, ports, regions, stages and architecture that fit each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policies.facts.ecs.containers import collects_telemetry, essential
from policies.facts.ecs.definitions import cpu_units, memory_mib, operating_system
from policies.facts.ecs.parts.port_mappings import port_mappings
from policies.facts.naming import named_for
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Present, Reading
from policies.resources.reading import optional, read, read_integer, read_list, read_text
from policies.resources.requested import asked_text
from policies.rules.ecs.container_order import problems_of_containers
from policies.rules.policy import ECS_GUIDE, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, policy


@policy(
    what="A task's containers start: one that serves is essential, what they wait for and mount is there, their sizes fit the task's.",
    why="ECS refuses the definition, or keeps a task running whose application has ended.",
    severity="high",
    how_to_fix="Set essential to true on what serves, dependsOn to containers of the task in an order that has a first, mountPoints to "
    "its volumes, and sizes within the task's cpu and memory.",
    url=ECS_GUIDE + "task_definition_parameters.html",
    settings=(setting("minimumMemory", 64, "MiB that a container with ports has at least, where it has a limit."),),
    types=(tokens.TASK_DEFINITION,),
)
def containers_fit_task(stack: Stack, definition: Resource) -> Iterator[Problem]:
    containers = stack.facts.documents(definition)
    lasting = stack.facts.by_container(definition, essential)
    ports = stack.facts.by_container(definition, port_mappings)
    if containers and not any(lasting.values()):
        yield Problem("none of its containers is essential", "essential true on the one that does the work")
    yield from problems_of_containers(stack.facts, definition)
    cpu, memory = _known(cpu_units(definition)), _known(memory_mib(definition))
    for container in containers:
        name = str(container.get("name"))
        label, serves = f'container "{name}"', bool(ports[name])
        # telemetry-not-essential asks the opposite of a collector, which has ports of its own.
        if serves and not lasting[name] and not collects_telemetry(container):
            yield Problem(
                f"{label} has ports and is not essential: the task lives on when it has ended", "essential true"
            )
        for position in range(len(optional(read_list(container, "ulimits"), []))):
            soft = optional(read_integer(container, "ulimits", position, "softLimit"), 65_535)
            if read_text(container, "ulimits", position, "name") == Present("nofile") and 0 <= soft < 1024:
                yield Problem(f"{label} may open {soft} files and connections (ulimits nofile)", "at least 1024")
        if memory and optional(read_integer(container, "memory"), memory) > memory:
            yield Problem(
                f"{label} may use {optional(read_integer(container, 'memory'), 0)} MiB of {memory}", f"at most {memory}"
            )
        limit = optional(read_integer(container, "memory"), stack.number("minimumMemory"))
        if serves and limit < stack.number("minimumMemory"):
            yield Problem(
                f"{label} has {limit} MiB, in which no application starts", f"at least {stack.number('minimumMemory')}"
            )
    for prop, whole, unit in (("cpu", cpu, "CPU units"), ("memoryReservation", memory, "MiB")):
        total = sum(optional(read_integer(container, prop), 0) for container in containers)
        if whole and total > whole:
            yield Problem(
                f"its containers' {prop} adds up to {total} {unit}, and the task has {whole}", f"at most {whole}"
            )


def _known(size: Reading[int]) -> int:
    """The task's size, 0 where it has none, or one that fargate-size says cannot be read."""
    return size.value if isinstance(size, Present) else 0


@policy(
    what="A task runs on the system and the processors that its image is built for.",
    why="An image of another architecture ends at its start with exec format error; what ECS does not know it refuses.",
    severity="high",
    how_to_fix="Set runtimePlatform.cpuArchitecture ARM64 with builds of ARM_CONTAINER, or X86_64 with LINUX_CONTAINER.",
    url="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html",
    types=(tokens.TASK_DEFINITION,),
    also=(tokens.BUILD_PROJECT,),
)
def image_architecture(stack: Stack, definition: Resource) -> Iterator[Problem]:
    architecture = asked_text(definition, "runtimePlatform", "cpuArchitecture")
    runs = optional(architecture, "X86_64")
    if runs not in ("X86_64", "ARM64"):
        yield Problem(f"cpuArchitecture is {runs[:20]}, which ECS does not know", "ARM64 or X86_64")
    by_name = named_for(stack.graph, tokens.BUILD_PROJECT)
    names = sorted(stack.facts.names.of(definition))
    own = {project.urn: project for name in names for project in by_name.get(name, ())}
    yield from _system(stack, definition, runs, own.values())
    for project in own.values():
        builds = read_text(project, "environment", "type")
        if read(project, "environment", "privilegedMode") != Present(True):
            continue
        if isinstance(builds, Present) and builds.value.startswith("ARM") != (runs == "ARM64"):
            yield Problem(
                f"{stated('cpuArchitecture', architecture, runs[:20])}, and {project.name} builds in {builds.value[:40]}",
                "one architecture for both",
            )


_SYSTEM = re.compile(r"LINUX|WINDOWS_SERVER_(?:20[0-9]{2}|20H2)_(?:CORE|FULL)")
"""Amazon ECS API Reference, RuntimePlatform."""
_OF_LINUX = ("linuxParameters", "readonlyRootFilesystem", "ulimits", "privileged")
"""Fields of a container that ECS refuses on Windows (Amazon ECS Developer Guide, task definition differences for Windows)."""


def _system(stack: Stack, definition: Resource, processor: str, builds: Iterable[Resource]) -> Iterator[Problem]:
    system = operating_system(definition)
    where = f"operatingSystemFamily is {system[:40]}"
    if not _SYSTEM.fullmatch(system):
        yield Problem(f"{where}, which ECS does not know", "LINUX, or such as WINDOWS_SERVER_2022_CORE")
    if not system.startswith("WINDOWS"):
        return
    if processor == "ARM64":
        yield Problem(f"{where}, and cpuArchitecture ARM64, which Windows has not", "LINUX, or X86_64")
    for container in stack.facts.documents(definition):
        found = [key for key in _OF_LINUX if container.get(key)]
        if found:
            yield Problem(
                f'{where}, and container "{container.get("name")}" has {", ".join(found)}', "LINUX, or none of it"
            )
    for project in builds:
        kind = read_text(project, "environment", "type")
        if isinstance(kind, Present) and not kind.value.startswith("WINDOWS"):
            yield Problem(f"{where}, and {project.name} builds in {kind.value[:40]}", "one system for both")
