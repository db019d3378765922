"""A new revision as a copy of another one with other images: what the ECS action makes, and what jobs get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from delivery.json_text import read_json

from .aws import Aws
from .image_definitions import ImageDefinitionsError, require_containers
from .revisions import short

PLACEHOLDER_LABEL, SECRETS_LABEL = "placeholder-for", "placeholder-secrets"
"""Docker labels of a container that waits for its first image: the command that it is to run then, a JSON list, and the secrets
that it is to get, a JSON object of variable to ARN."""

# What DescribeTaskDefinition answers and RegisterTaskDefinition does not take. Anything else is copied, so a member
# that AWS adds is refused by botocore rather than lost.
_ANSWER_ONLY = frozenset(
    {
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
        "deregisteredAt",
        "deleteRequestedAt",
    }
)


def describe(aws: Aws, name: str) -> dict[str, Any]:
    """A revision by its ARN, or a family's newest active one, with its tags under `tags`. Raises RequestError."""
    answer = aws.call("ecs", "describe_task_definition", taskDefinition=name, include=["TAGS"])
    return {**answer["taskDefinition"], "tags": answer.get("tags") or answer["taskDefinition"].get("tags") or []}


def images_of(definition: Mapping[str, Any]) -> dict[str, str]:
    """Container to image."""
    return {container["name"]: container["image"] for container in definition["containerDefinitions"]}


def placeholders(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """The images of the containers that still wait for their first deployment, by the command they run."""
    return tuple(
        container["image"]
        for container in definition["containerDefinitions"]
        if PLACEHOLDER_LABEL in container.get("dockerLabels", {})
    )


def with_images(
    definition: Mapping[str, Any], images: Mapping[str, str], *, end_placeholder: bool = False
) -> dict[str, Any]:
    """The request that registers a copy of a revision with other images, tags included.

    `end_placeholder` also gives the containers that get an image the command and secrets they waited for. CodePipeline's action
    does not do that: it changes nothing but images. Raises ImageDefinitionsError for a container the revision lacks.
    """
    require_containers(images, images_of(definition), revision=short(definition["taskDefinitionArn"]))
    request = {name: value for name, value in definition.items() if name not in _ANSWER_ONLY and value is not None}
    if not request.get("tags"):
        request.pop("tags", None)
    request["containerDefinitions"] = [
        _container(container, images.get(container["name"]), end_placeholder)
        for container in definition["containerDefinitions"]
    ]
    return request


def _container(container: Mapping[str, Any], image: str | None, end_placeholder: bool) -> dict[str, Any]:
    copy = dict(container)
    if image is None:
        return copy
    copy["image"] = image
    labels = dict(copy.get("dockerLabels", {}))
    if end_placeholder and PLACEHOLDER_LABEL in labels:
        command = _label(container, PLACEHOLDER_LABEL, list)
        labels.pop(PLACEHOLDER_LABEL)
        secrets = secrets_of(container)
        labels.pop(SECRETS_LABEL, None)
        for name, value in (("command", command), ("secrets", secrets), ("dockerLabels", labels)):
            if value:
                copy[name] = value
            else:
                copy.pop(name, None)
    return copy


def secrets_of(container: Mapping[str, Any]) -> list[dict[str, str]]:
    """The secrets that a container gets, or is to get with its first image, as ECS lists them."""
    waiting: dict[str, str] = _label(container, SECRETS_LABEL, dict)
    found = {entry["name"]: entry["valueFrom"] for entry in container.get("secrets", [])} | waiting
    return [{"name": name, "valueFrom": reference} for name, reference in sorted(found.items())]


def _label(container: Mapping[str, Any], label: str, form: type) -> Any:
    """What a label says, empty where there is none. Raises ImageDefinitionsError for another form: what runs next is not known."""
    if label not in container.get("dockerLabels", {}):
        return form()
    try:
        value = read_json(container["dockerLabels"][label])
    except ValueError:
        value = None
    if not isinstance(value, form):
        what = "list" if form is list else "object"
        raise ImageDefinitionsError(f"The label {label} of the container {container['name']} is no JSON {what}.")
    return value


def register(aws: Aws, request: Mapping[str, Any]) -> str:
    """Register a revision and give its ARN. Raises RequestError."""
    arn: str = aws.call("ecs", "register_task_definition", **request)["taskDefinition"]["taskDefinitionArn"]
    return arn
