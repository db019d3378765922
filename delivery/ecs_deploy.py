"""What CodePipeline's ECS action does with a service, for the rehearsal; and what must be done before its first time.

The action copies the revision that the service runs, changes the images and nothing else, registers the copy and
updates the service (CodePipeline User Guide, "Amazon ECS deploy action reference"); revisions that were registered
without updating the service are ignored. Its role needs ecs:TagResource for that, so tags travel along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .aws import Aws, RequestError
from .task_definition import describe, placeholders, register, with_images


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A deployment that was started: the ARNs of the revision before and of the one requested."""

    before: str
    requested: str


def deploy(aws: Aws, *, cluster: str, service: str, images: Mapping[str, str]) -> Deployed:
    """Start a deployment of these images. Nothing is changed when a container is unknown or the service is missing.

    Raises ImageDefinitionsError and RequestError.
    """
    return _start(aws, cluster=cluster, service=service, images=images, end_placeholder=False)


def hand_over(aws: Aws, *, cluster: str, service: str, images: Mapping[str, str]) -> Deployed | None:
    """Let a service that runs the placeholder run its own command from now on; None where it does so already.

    The placeholder answers the health check by a command of its own. The ECS action would copy that command into
    every revision it makes, so the first image must be deployed with the command it was built for, before the action.
    Raises ImageDefinitionsError and RequestError.
    """
    current = describe(aws, running_revision(aws, cluster=cluster, service=service))
    if not placeholders(current):
        return None
    return _start(aws, cluster=cluster, service=service, images=images, end_placeholder=True)


def running_revision(aws: Aws, *, cluster: str, service: str) -> str:
    """The ARN of the revision that the service is set to. Raises RequestError, also when there is no such service."""
    answer = aws.call("ecs", "describe_services", cluster=cluster, services=[service])
    active = [found for found in answer["services"] if found["status"] == "ACTIVE"]
    if not active:
        raise RequestError(
            f"There is no active service {service} in the cluster {cluster}: bring the stage up first.",
            code="ServiceNotFoundException",
        )
    revision: str = active[0]["taskDefinition"]
    return revision


def _start(aws: Aws, *, cluster: str, service: str, images: Mapping[str, str], end_placeholder: bool) -> Deployed:
    before = running_revision(aws, cluster=cluster, service=service)
    requested = register(aws, with_images(describe(aws, before), images, end_placeholder=end_placeholder))
    aws.call("ecs", "update_service", cluster=cluster, service=service, taskDefinition=requested)
    return Deployed(before=before, requested=requested)
