"""What a task definition has no role for: what ECS does for it at its start, and what its own containers do."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping

from policies.facts.ecs.container_addresses import texts_of
from policies.facts.ecs.containers import image_of
from policies.facts.ecs.definitions import is_for_fargate
from policies.facts.ecs.parts.logs import log_configuration
from policies.facts.ecs.parts.secrets import secrets_of
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Undecided, decided
from policies.resources.reading import optional, read
from policies.resources.requested import asked_flag
from policies.rules.rule import Problem, Stack

_REGISTRY = re.compile(r"^[0-9]{12}\.dkr\.ecr\.")
_EXPORTS = re.compile(
    r"""["']?\b(aws(?:emf|xray|cloudwatchlogs|s3|kinesis)|prometheusremotewrite(?=.*sigv4auth))\b["']?\s*:""", re.DOTALL
)
"""A collector's exporters to AWS's services, which need the task's role (AWS Distro for OpenTelemetry, Components)."""


def roles_missing(stack: Stack, definition: Resource) -> Iterator[Problem]:
    """A role that is not there, with what it is needed for (Amazon ECS Developer Guide, Task execution IAM role)."""
    # What is unknown of a definition, other policies say.
    if isinstance(decided(lambda: stack.facts.documents(definition)), Undecided):
        return
    if _without(definition, "executionRoleArn"):
        fargate = is_for_fargate(definition)
        found = _first(stack, definition, functools.partial(_at_start, fargate=fargate))
        if found:
            yield Problem(f"executionRoleArn is not set, and ECS {found}", "a role that may")
    if _without(definition, "taskRoleArn"):
        found = _first(stack, definition, _sends)
        if any(
            optional(asked_flag(service, "enableExecuteCommand"), False)
            for service in stack.facts.services.get(definition.urn, ())
        ):
            found = found or "shells are opened in it (enableExecuteCommand)"
        if found:
            yield Problem(f"taskRoleArn is not set, and {found}", "a role that may")


def _without(definition: Resource, prop: str) -> bool:
    return read(definition, prop) in (Absent(prop), Present(""))


def _first(stack: Stack, definition: Resource, needs: Callable[[Mapping[str, object]], Iterator[str]]) -> str:
    """The first thing that a container needs, empty where none needs anything."""
    found = stack.facts.by_container(definition, lambda container: next(needs(container), ""))
    return next(filter(None, found.values()), "")


def _at_start(container: Mapping[str, object], *, fargate: bool) -> Iterator[str]:
    """What ECS does for a container; on an instance its role pulls images and writes logs."""
    name = f'container "{container.get("name")}"'
    if secrets_of(container):
        yield f"reads the secrets of {name}"
    logs = log_configuration(container)
    if fargate and logs is not None and logs.driver == "awslogs":
        yield f"writes the log of {name}"
    if fargate and _REGISTRY.match(image_of(container)):
        yield f"pulls the image of {name}"


def _sends(container: Mapping[str, object]) -> Iterator[str]:
    for text in texts_of(container):
        exporters = sorted(set(_EXPORTS.findall(text.value))) if "exporters" in text.value else []
        if exporters:
            yield f'container "{container.get("name")}" sends to {" and ".join(exporters)}'
