"""Policies about what a task definition says twice: containers, ports, regions, stages and architecture that fit each other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from policies.facts.ecs.containers import known_variables
from policies.facts.naming import named_for
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.reading import (
    Absent,
    Present,
    optional,
    read,
    read_flag,
    read_integer,
    read_list,
    read_text,
    required,
)
from policies.resources.requested import asked_list, asked_text
from policies.rules.policy import setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, container_policy, policy

_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"


@policy(
    what="A task's containers start: one that serves is essential, what they wait for is there, and their sizes fit the task's.",
    why="ECS refuses the definition, or keeps a task running whose application has ended.",
    severity="high",
    how_to_fix="Set essential to true on what serves, dependsOn to containers of the task, and sizes within the task's cpu and memory.",
    url=_ECS + "task_definition_parameters.html",
    settings=(setting("minimumMemory", 64, "MiB that a container with ports has at least, where it has a limit."),),
    types=(tokens.TASK_DEFINITION,),
)
def containers_fit_task(stack: Stack, definition: Resource) -> Iterator[Problem]:
    containers = stack.facts.documents(definition)
    names = {str(container.get("name")): container for container in containers}
    if containers and not any(optional(read_flag(container, "essential"), True) for container in containers):
        yield Problem("none of its containers is essential", "essential true on the one that does the work")
    cpu, memory = _size(definition, "cpu"), _size(definition, "memory")
    for container in containers:
        label = f'container "{container.get("name")}"'
        serves = bool(optional(read_list(container, "portMappings"), []))
        if serves and not optional(read_flag(container, "essential"), True):
            yield Problem(
                f"{label} has ports and is not essential: the task lives on when it has ended", "essential true"
            )
        for position in range(len(optional(read_list(container, "ulimits"), []))):
            soft = optional(read_integer(container, "ulimits", position, "softLimit"), 65_535)
            if read_text(container, "ulimits", position, "name") == Present("nofile") and 0 <= soft < 1024:
                yield Problem(f"{label} may open {soft} files and connections (ulimits nofile)", "at least 1024")
        for position in range(len(optional(read_list(container, "dependsOn"), []))):
            other = required(read_text(container, "dependsOn", position, "containerName"))
            if other not in names:
                yield Problem(
                    f'{label} waits for "{other[:80]}", which is no container of the task', "one of the task's"
                )
                continue
            condition = required(read_text(container, "dependsOn", position, "condition"))
            if condition in ("COMPLETE", "SUCCESS") and _stays(names[other]):
                yield Problem(
                    f"{label} waits until {other[:80]} has ended ({condition}), which runs on", "START or HEALTHY"
                )
            elif condition == "HEALTHY" and isinstance(read(names[other], "healthCheck"), Absent):
                yield Problem(
                    f"{label} waits until {other[:80]} is healthy, which has no healthCheck",
                    "a healthCheck there, or START",
                )
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


def _stays(container: Mapping[str, object]) -> bool:
    """Whether a container is one that runs on: it has ports or a check, or the task ends with it."""
    checked = any(not isinstance(read(container, key), Absent) for key in ("healthCheck", "portMappings"))
    return optional(read_flag(container, "essential"), True) or (
        checked and bool(container.get("healthCheck") or container.get("portMappings"))
    )


def _size(definition: Resource, prop: str) -> int:
    """The task's size, 0 where it is none or written in AWS's other ways, which fargate-size judges."""
    found = read_integer(definition, prop)
    return found.value if isinstance(found, Present) else 0


@container_policy(
    what="A container listens where its ports are mapped.",
    why="A PORT that is not mapped is a server that nobody reaches: every health check fails, and the deployment is rolled back.",
    severity="high",
    how_to_fix="Set PORT to the containerPort.",
    url=_ECS + "task_definition_parameters.html",
    settings=(
        setting(
            "variables", ("PORT", "SERVER_PORT", "HTTP_PORT", "APP_PORT"), "Variables with the port that it listens on."
        ),
    ),
)
def container_port_agrees(stack: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    ports = {
        required(read_integer(container, "portMappings", position, "containerPort"))
        for position in range(len(optional(read_list(container, "portMappings"), [])))
    }
    for name, value in known_variables(container):
        if (
            ports
            and name in stack.texts("variables")
            and value.isascii()
            and value.isdigit()
            and int(value) not in ports
        ):
            yield Problem(
                f"{name} is {value[:10]}, and its ports are {', '.join(map(str, sorted(ports)))}", "one of its ports"
            )
    yield from _neighbours(stack, definition, container)
    values = {value for _, value in known_variables(container)}
    for position in range(_words(container)):
        word = optional(read_text(container, "healthCheck", "command", position), "")
        for port in _OWN_PORT.findall(word):
            # A port of its own for checks stands in a variable, where it is not the application's default.
            if ports and int(port) not in ports and port not in values:
                yield Problem(
                    f"healthCheck asks port {port}, and its ports are {', '.join(map(str, sorted(ports)))}",
                    "one of its ports",
                )


def _neighbours(stack: Stack, definition: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    """Addresses of the task itself that none of its containers listens on, as far as they say where they listen."""
    others = [item for item in stack.facts.documents(definition) if item is not container]
    said = " ".join(json.dumps(item) for item in others)
    for name, value in known_variables(container) if others else ():
        for port in _OWN_PORT.findall(value) if value.startswith("http") else ():
            if not re.search(rf"(?<![0-9]){port}(?![0-9])", said) and port not in json.dumps(
                container.get("portMappings")
            ):
                yield Problem(
                    f"{name[:60]} is {value[:60]}, and no container of the task speaks of port {port}", "a port of one"
                )


_OWN_PORT = re.compile(r"//(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\]):([0-9]{2,5})")


def _words(container: Mapping[str, object]) -> int:
    if isinstance(read(container, "healthCheck"), Absent):
        return 0
    return len(optional(read_list(container, "healthCheck", "command"), []))


@policy(
    what="A task runs on the processors that its image is built for.",
    why="An image of another architecture ends at its start with exec format error.",
    severity="high",
    how_to_fix="Set runtimePlatform.cpuArchitecture ARM64 with builds of ARM_CONTAINER, or X86_64 with LINUX_CONTAINER.",
    url="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html",
    types=(tokens.TASK_DEFINITION,),
    also=(tokens.BUILD_PROJECT,),
)
def image_architecture(stack: Stack, definition: Resource) -> Iterator[Problem]:
    architecture = asked_text(definition, "runtimePlatform", "cpuArchitecture")
    runs = optional(architecture, "X86_64")
    by_name = named_for(stack.graph, tokens.BUILD_PROJECT)
    names = sorted(stack.facts.names.of(definition))
    own = {project.urn: project for name in names for project in by_name.get(name, ())}
    for project in own.values():
        builds = read_text(project, "environment", "type")
        if read(project, "environment", "privilegedMode") != Present(True):
            continue
        if isinstance(builds, Present) and builds.value.startswith("ARM") != (runs == "ARM64"):
            yield Problem(
                f"{stated('cpuArchitecture', architecture, runs[:20])}, and {project.name} builds in {builds.value[:40]}",
                "one architecture for both",
            )
    kind = optional(asked_list(definition, "requiresCompatibilities"), [])
    mode = asked_text(definition, "networkMode")
    if "FARGATE" in kind and (used := optional(mode, "bridge")) != "awsvpc":
        yield Problem(f"{stated('networkMode', mode, used[:20])}, and Fargate requires awsvpc", "awsvpc")
