"""A container that waits for its first image, judged with the command and secrets that it gets then: delivery follows its labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from policies.resources.graph import Resource
from policies.resources.reading import Present, read_json, refuse

COMMAND_LABEL, SECRETS_LABEL = "placeholder-for", "placeholder-secrets"
"""Docker labels of a placeholder: the command of its first image, a JSON list, and a JSON object of variable to ARN. Components write
them, and the delivery makes command and secrets of them without another preview."""


def is_placeholder(definition: Resource) -> bool:
    """Whether a container of a task definition waits for its first image; what cannot be read does not."""
    listed = read_json(definition, "containerDefinitions")
    items = cast("list[object]", listed.value) if isinstance(listed, Present) and isinstance(listed.value, list) else []
    labels = [cast("Mapping[str, object]", item).get("dockerLabels") for item in items if isinstance(item, Mapping)]
    return any(isinstance(found, Mapping) and COMMAND_LABEL in found for found in labels)


def with_first_image(container: Mapping[str, object], where: str) -> Mapping[str, object]:
    """The container with the command and secrets of the labels, itself where it has no such label.

    Raises NotDecidedError for a label of another form.
    """
    labels = container.get("dockerLabels")
    if not isinstance(labels, Mapping) or not {COMMAND_LABEL, SECRETS_LABEL} & labels.keys():
        return container
    told = cast("Mapping[str, object]", labels)
    found = {
        **container,
        "dockerLabels": {key: value for key, value in told.items() if key not in (COMMAND_LABEL, SECRETS_LABEL)},
    }
    if COMMAND_LABEL in told:
        found["command"] = _read(told, COMMAND_LABEL, list, "list of words", where)
    if SECRETS_LABEL in told:
        own = container.get("secrets")
        secrets = cast(
            "dict[str, object]", _read(told, SECRETS_LABEL, dict, "object of variables and ARNs", where)
        ).items()
        waiting = [{"name": name, "valueFrom": reference} for name, reference in secrets]
        found["secrets"] = [*cast("list[object]", own), *waiting] if isinstance(own, list) else own or waiting
    return found


def _read(labels: Mapping[str, object], label: str, form: type, what: str, where: str) -> object:
    text = labels[label]
    try:
        value: object = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, form):
        refuse(f'{where}.dockerLabels["{label}"]', f"is no JSON {what}")
    return value
