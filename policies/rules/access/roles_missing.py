"""What a task definition has no role for: what ECS does for it at its start, and what its own containers do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.facts.ecs.container_addresses import texts_of
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Undecided, decided
from policies.resources.reading import optional, read, read_list, read_text
from policies.resources.requested import asked_flag, asked_list
from policies.rules.rule import Problem, Stack

_REGISTRY = re.compile(r"^[0-9]{12}\.dkr\.ecr\.")
_EXPORTS = re.compile(
    r"""["']?\b(aws(?:emf|xray|cloudwatchlogs|s3|kinesis)|prometheusremotewrite(?=.*sigv4auth))\b["']?\s*:""", re.DOTALL
)
"""A collector's exporters to AWS's services, which need the task's role (AWS Distro for OpenTelemetry, Components)."""


def roles_missing(stack: Stack, definition: Resource) -> Iterator[Problem]:
    """A role that is not there, with what it is needed for (Amazon ECS Developer Guide, Task execution IAM role)."""
    # What is unknown of a definition, other policies say.
    containers = decided(lambda: stack.facts.documents(definition))
    if isinstance(containers, Undecided):
        return
    if _without(definition, "executionRoleArn"):
        fargate = "FARGATE" in optional(asked_list(definition, "requiresCompatibilities"), [])
        found = next((need for container in containers for need in _at_start(container, fargate=fargate)), "")
        if found:
            yield Problem(f"executionRoleArn is not set, and ECS {found}", "a role that may")
    if _without(definition, "taskRoleArn"):
        found = next((need for container in containers for need in _sends(container)), "")
        if any(
            optional(asked_flag(service, "enableExecuteCommand"), False)
            for service in stack.facts.services.get(definition.urn, ())
        ):
            found = found or "shells are opened in it (enableExecuteCommand)"
        if found:
            yield Problem(f"taskRoleArn is not set, and {found}", "a role that may")


def _without(definition: Resource, prop: str) -> bool:
    return read(definition, prop) in (Absent(prop), Present(""))


def _at_start(container: Mapping[str, object], *, fargate: bool) -> Iterator[str]:
    """What ECS does for a container; on an instance its role pulls images and writes logs."""
    name = f'container "{container.get("name")}"'
    if optional(read_list(container, "secrets"), []):
        yield f"reads the secrets of {name}"
    driver = read_text(container, "logConfiguration", "logDriver") if container.get("logConfiguration") else None
    if fargate and driver == Present("awslogs"):
        yield f"writes the log of {name}"
    image = read_text(container, "image")
    if fargate and isinstance(image, Present) and _REGISTRY.match(image.value):
        yield f"pulls the image of {name}"


def _sends(container: Mapping[str, object]) -> Iterator[str]:
    for text in texts_of(container):
        exporters = sorted(set(_EXPORTS.findall(text.value))) if "exporters" in text.value else []
        if exporters:
            yield f'container "{container.get("name")}" sends to {" and ".join(exporters)}'
