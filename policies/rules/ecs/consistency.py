"""Policies about what a task definition says twice: containers, ports, regions, stages and architecture that fit each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.naming import Names
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
from policies.rules.policy import PRD_TOLD, STRICT_IN_PRD, setting
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, container_policy, policy

_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_ARN = re.compile(r"^arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]+):([0-9]{12}):")
_REGISTRY = re.compile(r"^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@]+)")
_MODE = re.compile(
    r"(?:^|_)(?:ENV|ENVIRONMENT|STAGE|NODE_ENV|PROFILES?_ACTIVE|DEPLOYMENT_ENV|SETTINGS_MODULE|MIX_ENV)$"
)
_DEVELOPMENT = re.compile(
    r"(?:^|[._-])(?:dev|develop|development|test|testing|staging|stg|local|qa|uat)(?:$|[._-])", re.IGNORECASE
)


@policy(
    name="containers-fit-task",
    what="A task's containers start: one that serves is essential, what they wait for is there, and their sizes fit the task's.",
    why="ECS refuses the definition, or keeps a task running whose application has ended.",
    severity="high",
    how_to_fix="Set essential to true on what serves, dependsOn to containers of the task, and sizes within the task's cpu and memory.",
    url=_ECS + "task_definition_parameters.html",
    levels=STRICT_IN_PRD,
    settings=(setting("minimumMemory", 64, "MiB that a container with ports has at least, where it has a limit."),),
    types=(tokens.TASK_DEFINITION,),
)
def containers_fit_task(stack: Stack, definition: Resource) -> Iterator[Problem]:
    containers = stack.facts.documents(definition)
    names = {str(container.get("name")) for container in containers}
    cpu, memory = _size(definition, "cpu"), _size(definition, "memory")
    for container in containers:
        label = f'container "{container.get("name")}"'
        serves = bool(optional(read_list(container, "portMappings"), []))
        if serves and not optional(read_flag(container, "essential"), True):
            yield Problem(
                f"{label} has ports and is not essential: the task lives on when it has ended", "essential true"
            )
        for position in range(len(optional(read_list(container, "dependsOn"), []))):
            other = required(read_text(container, "dependsOn", position, "containerName"))
            if other not in names:
                yield Problem(
                    f'{label} waits for "{other[:80]}", which is no container of the task', "one of the task's"
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


def _size(definition: Resource, prop: str) -> int:
    """The task's size, 0 where it is none or written in AWS's other ways, which fargate-size judges."""
    found = read_integer(definition, prop)
    return found.value if isinstance(found, Present) else 0


@container_policy(
    name="container-port-agrees",
    what="A container listens where its ports are mapped.",
    why="A PORT that is not mapped is a server that nobody reaches: every health check fails, and the deployment is rolled back.",
    severity="high",
    how_to_fix="Set PORT to the containerPort.",
    url=_ECS + "task_definition_parameters.html",
    levels=STRICT_IN_PRD,
    settings=(
        setting(
            "variables", ("PORT", "SERVER_PORT", "HTTP_PORT", "APP_PORT"), "Variables with the port that it listens on."
        ),
    ),
)
def container_port_agrees(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    ports = {
        required(read_integer(container, "portMappings", position, "containerPort"))
        for position in range(len(optional(read_list(container, "portMappings"), [])))
    }
    for name, value in _variables(container):
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


def _variables(container: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for position in range(len(optional(read_list(container, "environment"), []))):
        value = read_text(container, "environment", position, "value")
        yield (
            optional(read_text(container, "environment", position, "name"), ""),
            value.value if isinstance(value, Present) else "",
        )


@container_policy(
    name="no-development-mode",
    what="Nothing in production runs in a development mode.",
    why="Development modes show stack traces to visitors, skip caches and checks, and take another stage's settings.",
    severity="medium",
    how_to_fix="Set the variable to production.",
    url="https://expressjs.com/en/advanced/best-practice-performance.html",
    levels=PRD_TOLD,
    settings=(setting("alsoAllowed", (), "Variables that may hold a word of development, by name."),),
)
def no_development_mode(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    for name, value in _variables(container):
        if name in stack.texts("alsoAllowed"):
            continue
        word = value.strip()
        if _MODE.search(name.upper()) and len(word) <= 60 and _DEVELOPMENT.search(word):
            yield Problem(f"{name[:80]} is {word}", "production")
        elif re.search(r"(?:^|_)DEBUG$", name.upper()) and word.lower() in ("1", "true", "yes", "on"):
            yield Problem(f"{name[:80]} is {word}", "false")
        elif re.fullmatch(r"(?:\w+_)?LOG_?LEVEL", name.upper()) and word.lower() in ("debug", "trace", "silly", "all"):
            yield Problem(f"{name[:80]} is {word}: it writes what customers send into logs", "info")


@policy(
    name="container-own-resources",
    what="A container's image, secrets and logs are its own workload's, of the stack's account and region.",
    why="With another's secret it changes another's data; of another region or account it does not start.",
    severity="high",
    how_to_fix="Name the workload's own repository, parameters and log group; list shared accounts in the setting accounts.",
    url=_ECS + "secrets-envvar-ssm-paramstore.html",
    levels=STRICT_IN_PRD,
    settings=(setting("accounts", (), "Further accounts, by their 12 digits, whose images and secrets may be used."),),
    types=(tokens.TASK_DEFINITION,),
)
def container_own_resources(stack: Stack, definition: Resource) -> Iterator[Problem]:
    names, account, region = stack.facts.names, stack.facts.account, stack.facts.region
    own = names.of(definition)
    repositories = frozenset().union(*(names.of(held) for held in stack.graph.of_type(tokens.REPOSITORY)))
    for container in stack.facts.documents(definition):
        label = f'container "{container.get("name")}"'
        for what, text in _references(container):
            found, registry = _ARN.match(text), _REGISTRY.match(text)
            there = (found[1], found[2]) if found else (registry[2], registry[1]) if registry else ("", "")
            if there[1] and account and there[1] not in (account, *stack.texts("accounts")):
                yield Problem(f"{label}: {what} is of the account {there[1]}", account)
            elif there[0] and region and there[0] != region and what != "image":
                yield Problem(f"{label}: {what} is of the region {there[0]}", region)
            others = _others(names, own, repositories, what, text)
            if others:
                yield Problem(
                    f"{label}: {what} names {' and '.join(sorted(others))}'s", f"{' and '.join(sorted(own))}'s own"
                )
        logs = (
            optional(read_text(container, "logConfiguration", "options", "awslogs-region"), region)
            if _has_logs(container)
            else region
        )
        if region and logs != region:
            yield Problem(f"{label}: awslogs-region is {logs[:30]}", region)


def _has_logs(container: Mapping[str, object]) -> bool:
    return not isinstance(read(container, "logConfiguration"), Absent) and not isinstance(
        read(container, "logConfiguration", "options"), Absent
    )


def _references(container: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """(what it is, its text) of the image, the secrets and the log group of a container."""
    yield "image", optional(read_text(container, "image"), "")
    for position in range(len(optional(read_list(container, "secrets"), []))):
        name = optional(read_text(container, "secrets", position, "name"), str(position))
        value = read_text(container, "secrets", position, "valueFrom")
        yield f"secret {name[:60]}", value.value if isinstance(value, Present) else ""
    if _has_logs(container):
        yield "awslogs-group", optional(read_text(container, "logConfiguration", "options", "awslogs-group"), "")


def _others(names: Names, own: frozenset[str], repositories: frozenset[str], what: str, text: str) -> frozenset[str]:
    """Another workload that a text names. An image may be another's where the workload has no repository of its own."""
    if what == "image":
        registry = _REGISTRY.match(text)
        if registry is None or not own & repositories:
            return frozenset()
        text = registry[3]
    # A database's own secret is every client's.
    others = names.within(text) - (names.databases - names.services)
    return frozenset() if names.agree(own, others) else others


@policy(
    name="image-architecture",
    what="A task runs on the processors that its image is built for.",
    why="An image of another architecture ends at its start with exec format error.",
    severity="high",
    how_to_fix="Set runtimePlatform.cpuArchitecture ARM64 with builds of ARM_CONTAINER, or X86_64 with LINUX_CONTAINER.",
    url="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html",
    levels=STRICT_IN_PRD,
    types=(tokens.TASK_DEFINITION,),
    also=(tokens.BUILD_PROJECT,),
)
def image_architecture(stack: Stack, definition: Resource) -> Iterator[Problem]:
    architecture = asked_text(definition, "runtimePlatform", "cpuArchitecture")
    runs = optional(architecture, "X86_64")
    own = stack.facts.names.of(definition)
    for project in stack.graph.of_type(tokens.BUILD_PROJECT):
        builds = read_text(project, "environment", "type")
        if not own & stack.facts.names.of(project) or read(project, "environment", "privilegedMode") != Present(True):
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
